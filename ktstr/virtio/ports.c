// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ports of the console device: bytes between queues and sockets, and the
 * control messages of multiport. What the guest is still to be told is kept as
 * bits, so a guest that asks for ever makes nothing grow. A byte is taken from
 * a socket only when the guest has a buffer for it, and a guest's buffer is
 * given back only when the socket has taken all of it.
 */
#include <sys/socket.h>

#include <linux/virtio_console.h>

#include "../wire/codec.h"
#include "ports.h"

#define CONTROL_RX	2	/* to the guest */
#define CONTROL_TX	3
#define QUEUE_SIZE	128
#define NAME_MAX_BYTES	32

/* Of one queue in one call: chains, and bytes and segments at a time. */
#define CHAINS_MAX	64
#define WINDOW_BYTES	(256 * 1024)
#define WINDOW_SEGS	64

/* Messages owed to the guest, in this order. */
#define OWED_ADD	0x1
#define OWED_IDENTITY	0x2
#define OWED_OPEN	0x4
#define OWED_ALL	(OWED_ADD | OWED_IDENTITY | OWED_OPEN)

struct control {
	__le32 id;
	__le16 event;
	__le16 value;
};

/* Part of a chain: what one system call moves. */
struct window {
	struct iovec iov[WINDOW_SEGS];
	u32 nr;
	size_t len_bytes;
};

static struct kt_vq *rx_queue(struct kt_ports *p, u32 port)
{
	return &p->device.vqs[port ? 2 * port + 2 : 0];
}

static struct kt_vq *tx_queue(struct kt_ports *p, u32 port)
{
	return rx_queue(p, port) + 1;
}

void kt_ports_init(struct kt_ports *p, const struct kt_guest_mem *mem,
		   const int fds[KT_CONSOLE_PORTS])
{
	static const char *const names[KT_CONSOLE_PORTS] = {
		NULL, "ktstr.bulk", "ktstr.stats"
	};
	u32 i;

	memset(p, 0, sizeof(*p));
	p->device.id = KT_VIRTIO_ID_CONSOLE;
	p->device.offered = (1ULL << VIRTIO_CONSOLE_F_MULTIPORT) |
			    KT_VIRTIO_F_VERSION_1 | KT_VIRTIO_F_EVENT_IDX |
			    KT_VIRTIO_F_INDIRECT_DESC;
	p->device.nr_vqs = 2 * KT_CONSOLE_PORTS + 2;
	p->device.vq_size = QUEUE_SIZE;
	for (i = 0; i < p->device.nr_vqs; i++)
		p->device.vqs[i].mem = mem;
	for (i = 0; i < KT_CONSOLE_PORTS; i++) {
		p->ports[i].fd = fds[i];
		p->ports[i].name = names[i];
		kt_ports_host_event(p, i);
	}
}

void kt_ports_read_config(u32 offset, void *buf, u32 len_bytes)
{
	struct virtio_console_config config = {
		.max_nr_ports = cpu_to_le32(KT_CONSOLE_PORTS),
	};

	memset(buf, 0, len_bytes);
	if (offset < sizeof(config))
		memcpy(buf, (char *)&config + offset,
		       min_t(size_t, len_bytes, sizeof(config) - offset));
}

void kt_ports_start(struct kt_ports *p)
{
	u64 multiport = 1ULL << VIRTIO_CONSOLE_F_MULTIPORT;

	/* without it there is only the console, and nothing opens it */
	p->ports[0].guest_open = !(p->device.features & multiport);
	p->active = true;
}

void kt_ports_stop(struct kt_ports *p)
{
	u32 i;

	p->active = false;
	for (i = 0; i < KT_CONSOLE_PORTS; i++) {
		p->ports[i].guest_open = false;
		p->ports[i].owed = 0;
		p->ports[i].sending = false;
	}
}

void kt_ports_host_event(struct kt_ports *p, u32 i)
{
	p->ports[i].readable = true;
	p->ports[i].writable = true;
}

static bool pop(struct kt_ports *p, struct kt_vq *q, struct kt_vq_chain *chain)
{
	int ret = kt_vq_pop(q, chain);

	if (ret < 0)
		kt_virtio_broken(&p->device);
	return ret > 0;
}

/*
 * The next chain. When there is none the driver is asked to notify, and what
 * came in between is taken after all.
 */
static bool take(struct kt_ports *p, struct kt_vq *q, struct kt_vq_chain *chain)
{
	if (pop(p, q, chain))
		return true;
	return kt_vq_enable_notify(q) && pop(p, q, chain);
}

static void give_back(struct kt_ports *p, struct kt_vq *q,
		      const struct kt_vq_chain *chain, u32 len_bytes)
{
	if (kt_vq_push(q, chain, len_bytes))
		kt_virtio_broken(&p->device);
}

static void signal_used(struct kt_ports *p, struct kt_vq *q)
{
	struct kt_virtio_irq *irq = p->device.irq;

	if (irq && kt_vq_should_signal(q))
		irq->queue(irq, q - p->device.vqs);
}

/* From @skip bytes into the first of @nr segments; empty ones are left out. */
static void window_fill(struct window *w, const struct iovec *iov, u32 nr,
			size_t skip)
{
	size_t n;
	u32 i;

	w->nr = 0;
	w->len_bytes = 0;
	for (i = 0; i < nr && w->nr < WINDOW_SEGS; i++, skip = 0) {
		n = min(iov[i].iov_len - skip, WINDOW_BYTES - w->len_bytes);
		if (!n)
			continue;
		w->iov[w->nr].iov_base = (char *)iov[i].iov_base + skip;
		w->iov[w->nr++].iov_len = n;
		w->len_bytes += n;
	}
}

/* Bytes moved, 0 when the socket is full or the peer gone. */
static size_t send_window(struct kt_port *port, struct window *w)
{
	struct msghdr msg = { .msg_iov = w->iov, .msg_iovlen = w->nr };
	ssize_t n;

	if (port->host_deaf)
		return w->len_bytes;
	do {
		n = sendmsg(port->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n;
	if (errno == EAGAIN)
		port->writable = false;
	else
		port->host_deaf = true;
	return 0;
}

static void sent(struct kt_port *port, size_t n)
{
	const struct kt_vq_chain *c = &port->chain;
	size_t left;

	while (port->sent_seg < c->nr_in) {
		left = c->iov[port->sent_seg].iov_len - port->sent_bytes;
		if (n < left)
			break;
		n -= left;
		port->sent_seg++;
		port->sent_bytes = 0;
	}
	port->sent_bytes += n;
}

/* One piece of the chain under way; true when it is through. */
static bool send_piece(struct kt_port *port)
{
	const struct kt_vq_chain *c = &port->chain;
	struct window w;

	window_fill(&w, c->iov + port->sent_seg, c->nr_in - port->sent_seg,
		    port->sent_bytes);
	sent(port, w.nr ? send_window(port, &w) : 0);
	return port->sent_seg == c->nr_in;
}

static bool from_guest(struct kt_ports *p, u32 i)
{
	struct kt_port *port = &p->ports[i];
	struct kt_vq *q = tx_queue(p, i);
	u32 turns;

	kt_vq_disable_notify(q);
	for (turns = 0; turns < CHAINS_MAX && port->writable; turns++) {
		if (!port->sending) {
			if (!take(p, q, &port->chain))
				break;
			port->sending = true;
			port->sent_seg = 0;
			port->sent_bytes = 0;
		}
		if (send_piece(port)) {
			port->sending = false;
			give_back(p, q, &port->chain, 0);
		}
	}
	signal_used(p, q);
	return turns == CHAINS_MAX;
}

static void close_host(struct kt_port *port)
{
	port->readable = false;
	port->host_closed = true;
	port->host_deaf = true;
	port->owed |= OWED_OPEN;
}

/* Bytes of the socket into @w: 0 when there are none. */
static size_t receive_window(struct kt_port *port, struct window *w)
{
	struct msghdr msg = { .msg_iov = w->iov, .msg_iovlen = w->nr };
	ssize_t n;

	do {
		n = recvmsg(port->fd, &msg, MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		return n;
	if (n < 0 && errno == EAGAIN)
		port->readable = false;
	else
		close_host(port);
	return 0;
}

/* False when the socket had nothing: the chain was not touched. */
static bool receive_chain(struct kt_ports *p, struct kt_port *port,
			  struct kt_vq *q)
{
	struct kt_vq_chain *c = &p->chain;
	struct window w;
	size_t n = 0;

	window_fill(&w, c->iov + c->nr_in, c->nr_out, 0);
	if (w.nr) {
		n = receive_window(port, &w);
		if (!n) {
			kt_vq_unpop(q);
			return false;
		}
	}
	give_back(p, q, c, n);
	return true;
}

static bool to_guest(struct kt_ports *p, u32 i)
{
	struct kt_port *port = &p->ports[i];
	struct kt_vq *q = rx_queue(p, i);
	u32 turns;

	kt_vq_disable_notify(q);
	for (turns = 0; turns < CHAINS_MAX; turns++) {
		if (!port->guest_open || port->host_closed || !port->readable)
			break;
		if (!take(p, q, &p->chain) || !receive_chain(p, port, q))
			break;
	}
	signal_used(p, q);
	return turns == CHAINS_MAX;
}

static size_t chain_copy_in(const struct kt_vq_chain *c, void *buf,
			    size_t len_bytes)
{
	size_t n, done = 0;
	u32 i;

	for (i = 0; i < c->nr_in && done < len_bytes; i++) {
		n = min(c->iov[i].iov_len, len_bytes - done);
		if (n)
			memcpy((char *)buf + done, c->iov[i].iov_base, n);
		done += n;
	}
	return done;
}

static size_t chain_copy_out(const struct kt_vq_chain *c, const void *buf,
			     size_t len_bytes)
{
	const struct iovec *out = c->iov + c->nr_in;
	size_t n, done = 0;
	u32 i;

	for (i = 0; i < c->nr_out && done < len_bytes; i++) {
		n = min(out[i].iov_len, len_bytes - done);
		if (n)
			memcpy(out[i].iov_base, (const char *)buf + done, n);
		done += n;
	}
	return done;
}

static size_t chain_room(const struct kt_vq_chain *c)
{
	size_t room = 0;
	u32 i;

	for (i = 0; i < c->nr_out; i++)
		room += c->iov[c->nr_in + i].iov_len;
	return room;
}

static void handle_control(struct kt_ports *p, const struct control *msg)
{
	u32 id = le32_to_cpu(msg->id), i;
	u16 event = le16_to_cpu(msg->event);
	bool value = le16_to_cpu(msg->value);

	if (event == VIRTIO_CONSOLE_DEVICE_READY) {
		for (i = 0; value && i < KT_CONSOLE_PORTS; i++)
			p->ports[i].owed |= OWED_ADD;
		return;
	}
	if (id >= KT_CONSOLE_PORTS)
		return;
	if (event == VIRTIO_CONSOLE_PORT_READY && value)
		p->ports[id].owed |= OWED_IDENTITY | OWED_OPEN;
	else if (event == VIRTIO_CONSOLE_PORT_OPEN)
		p->ports[id].guest_open = value;
}

static bool control_from_guest(struct kt_ports *p)
{
	struct kt_vq *q = &p->device.vqs[CONTROL_TX];
	struct control msg;
	u32 turns;

	kt_vq_disable_notify(q);
	for (turns = 0; turns < CHAINS_MAX; turns++) {
		if (!take(p, q, &p->chain))
			break;
		if (chain_copy_in(&p->chain, &msg, sizeof(msg)) == sizeof(msg))
			handle_control(p, &msg);
		give_back(p, q, &p->chain, 0);
	}
	signal_used(p, q);
	return turns == CHAINS_MAX;
}

/* The first of @port's messages that are owed, with what belongs behind it. */
static u32 next_owed(const struct kt_port *port, struct control *msg,
		     const char **behind)
{
	u32 owed = port->owed & -port->owed;

	*behind = "";
	msg->value = cpu_to_le16(1);
	switch (owed) {
	case OWED_ADD:
		msg->event = cpu_to_le16(VIRTIO_CONSOLE_PORT_ADD);
		break;
	case OWED_IDENTITY:
		msg->event = cpu_to_le16(port->name ? VIRTIO_CONSOLE_PORT_NAME :
					 VIRTIO_CONSOLE_CONSOLE_PORT);
		if (port->name)
			*behind = port->name;
		break;
	case OWED_OPEN:
		msg->event = cpu_to_le16(VIRTIO_CONSOLE_PORT_OPEN);
		msg->value = cpu_to_le16(!port->host_closed);
		break;
	}
	return owed;
}

/* Into the chain taken; a buffer too small for it goes back empty. */
static void send_control(struct kt_ports *p, struct kt_vq *q, u32 i)
{
	struct kt_port *port = &p->ports[i];
	struct control msg = { .id = cpu_to_le32(i) };
	u8 buf[sizeof(msg) + NAME_MAX_BYTES];
	const char *behind;
	u32 owed = next_owed(port, &msg, &behind);
	size_t len = sizeof(msg) + strnlen(behind, NAME_MAX_BYTES);

	memcpy(buf, &msg, sizeof(msg));
	/* a name comes without its NUL */
	memcpy(buf + sizeof(msg), behind, len - sizeof(msg));
	if (chain_room(&p->chain) < len) {
		give_back(p, q, &p->chain, 0);
		return;
	}
	chain_copy_out(&p->chain, buf, len);
	port->owed &= ~owed;
	give_back(p, q, &p->chain, len);
}

static bool control_to_guest(struct kt_ports *p)
{
	struct kt_vq *q = &p->device.vqs[CONTROL_RX];
	u32 turns = 0, i;

	kt_vq_disable_notify(q);
	for (i = 0; i < KT_CONSOLE_PORTS; i++) {
		for (; p->ports[i].owed && turns < CHAINS_MAX; turns++) {
			if (!take(p, q, &p->chain))
				goto out;
			send_control(p, q, i);
		}
	}
out:
	signal_used(p, q);
	return turns == CHAINS_MAX;
}

bool kt_ports_run(struct kt_ports *p)
{
	bool more;
	u32 i;

	if (!p->active)
		return false;
	more = control_from_guest(p);
	for (i = 0; i < KT_CONSOLE_PORTS; i++) {
		more |= from_guest(p, i);
		more |= to_guest(p, i);
	}
	more |= control_to_guest(p);
	return more;
}

int kt_ports_save(const struct kt_ports *p, struct kt_enc *e)
{
	u32 i;

	for (i = 0; i < KT_CONSOLE_PORTS; i++) {
		if (p->ports[i].sending)
			return -EBUSY;
		kt_enc_u8(e, p->ports[i].guest_open);
		kt_enc_u32(e, p->ports[i].owed);
	}
	return 0;
}

void kt_ports_load(struct kt_ports *p, struct kt_dec *d)
{
	u32 i;

	for (i = 0; i < KT_CONSOLE_PORTS; i++) {
		p->ports[i].guest_open = kt_dec_u8(d);
		p->ports[i].owed = kt_dec_u32(d);
		kt_dec_require(d, !(p->ports[i].owed & ~OWED_ALL));
	}
}
