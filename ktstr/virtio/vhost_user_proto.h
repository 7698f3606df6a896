/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What vhost_user.c (socket and thread), vhost_user_msg.c (the messages) and
 * vhost_user_mem.c (those about memory) share. Fields are in the host's byte
 * order, as the protocol has them.
 */
#ifndef KTSTR_VIRTIO_VHOST_USER_PROTO_H
#define KTSTR_VIRTIO_VHOST_USER_PROTO_H

#include <pthread.h>

#include "vhost_user.h"

#define KT_VU_VERSION		1
#define KT_VU_VERSION_MASK	3u
#define KT_VU_REPLY		0x4u
#define KT_VU_NEED_REPLY	0x8u

#define KT_VU_MAX_REGIONS	8	/* in one message */
#define KT_VU_MAX_SLOTS		128	/* in all, when they come one by one */
#define KT_VU_MAX_CONFIG	256

/* A feature bit of the transport, not of the device. */
#define KT_VU_F_PROTOCOL_FEATURES	0x40000000ULL

/*
 * A log of what the device writes. QEMU saves no machine with a device without;
 * for one that stands still it makes no use of it, which is refused.
 */
#define KT_VU_F_LOG_ALL			0x4000000ULL

#define KT_VU_PROTOCOL_F_MQ		0x1ULL
#define KT_VU_PROTOCOL_F_LOG_SHMFD	0x2ULL
#define KT_VU_PROTOCOL_F_REPLY_ACK	0x8ULL
#define KT_VU_PROTOCOL_F_CONFIG		0x200ULL
#define KT_VU_PROTOCOL_F_MEM_SLOTS	0x8000ULL

enum kt_vu_request {
	KT_VU_GET_FEATURES = 1,
	KT_VU_SET_FEATURES = 2,
	KT_VU_SET_OWNER = 3,
	KT_VU_RESET_OWNER = 4,
	KT_VU_SET_MEM_TABLE = 5,
	KT_VU_SET_VRING_NUM = 8,
	KT_VU_SET_VRING_ADDR = 9,
	KT_VU_SET_VRING_BASE = 10,
	KT_VU_GET_VRING_BASE = 11,
	KT_VU_SET_VRING_KICK = 12,
	KT_VU_SET_VRING_CALL = 13,
	KT_VU_SET_VRING_ERR = 14,
	KT_VU_GET_PROTOCOL_FEATURES = 15,
	KT_VU_SET_PROTOCOL_FEATURES = 16,
	KT_VU_GET_QUEUE_NUM = 17,
	KT_VU_SET_VRING_ENABLE = 18,
	KT_VU_GET_CONFIG = 24,
	KT_VU_SET_CONFIG = 25,
	KT_VU_GET_MAX_MEM_SLOTS = 36,
	KT_VU_ADD_MEM_REG = 37,
	KT_VU_REM_MEM_REG = 38,
	KT_VU_NR_REQUESTS,
};

/* SET_VRING_KICK, _CALL, _ERR: the ring's number, and whether there is no fd. */
#define KT_VU_VRING_MASK	0xffu
#define KT_VU_VRING_NOFD	0x100u

struct kt_vu_header {
	u32 request;
	u32 flags;
	u32 size;
} __packed;

struct kt_vu_region {
	u64 gpa;
	u64 size_bytes;
	u64 user_addr;		/* in QEMU */
	u64 mmap_offset;
} __packed;

struct kt_vu_mem_table {
	u32 nr;
	u32 padding;
	struct kt_vu_region regions[KT_VU_MAX_REGIONS];
} __packed;

struct kt_vu_one_region {
	u64 padding;
	struct kt_vu_region region;
} __packed;

struct kt_vu_vring_state {
	u32 index;
	u32 num;
} __packed;

struct kt_vu_vring_addr {
	u32 index;
	u32 flags;
	u64 desc, used, avail;	/* addresses in QEMU */
	u64 log_gpa;
} __packed;

struct kt_vu_config {
	u32 offset;
	u32 size;
	u32 flags;
	u8 bytes[KT_VU_MAX_CONFIG];
} __packed;

#define KT_VU_CONFIG_HEADER	offsetof(struct kt_vu_config, bytes)

struct kt_vu_msg {
	struct kt_vu_header h;
	union {
		u64 number;
		struct kt_vu_mem_table mem;
		struct kt_vu_one_region region;
		struct kt_vu_vring_state state;
		struct kt_vu_vring_addr addr;
		struct kt_vu_config config;
	} p;
} __packed;

struct kt_vu_ring {
	bool has_addr;
	bool enabled;
	u16 num;
	u16 base;		/* next entry of the avail ring */
	u64 desc_gpa, avail_gpa, used_gpa;
	int kick_fd;
	int call_fd;		/* under the transport's lock, like err_fd */
	int err_fd;
};

struct kt_vhost_user {
	struct kt_virtio_irq irq;
	struct kt_virtio_device *device;
	const struct kt_guest_mem *mem;
	int fd;
	int epoll_fd;
	int stop_fd;		/* eventfd: the thread ends */
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock;	/* call_fd, err_fd: thread against the device's */

	bool running;		/* the device has its rings */
	u64 features;
	u64 protocol;
	struct kt_vu_region slots[KT_VU_MAX_SLOTS];
	u32 nr_slots;
	struct kt_vu_ring rings[KT_VIRTIO_MAX_QUEUES];

	/* the message that is coming in */
	union {
		struct kt_vu_msg msg;
		u8 bytes[sizeof(struct kt_vu_msg)];
	} in;
	u32 in_bytes;
	int fds[KT_VU_MAX_REGIONS];
	u32 nr_fds;
	const char *why;	/* it was refused */
};

/* Without a thread: makes @t, or -errno with nothing left and @fd closed. */
int kt_vu_init(struct kt_vhost_user *t, struct kt_virtio_device *device,
	       const struct kt_guest_mem *mem, int fd);
void kt_vu_fini(struct kt_vhost_user *t);

/*
 * Takes what the socket has. 0, or -errno after which nothing more is to be
 * taken; -ECONNRESET when the peer has ended.
 */
int kt_vu_receive(struct kt_vhost_user *t);

/*
 * Acts on the whole message in @t->in, whose header was checked, and leaves a
 * reply there. Descriptors that it keeps it takes out of @t->fds. Returns the
 * reply's length with its header, 0 for none, -errno for a breach of the
 * protocol.
 */
int kt_vu_handle(struct kt_vhost_user *t);

/* A breach of the protocol; @why is said once, by kt_vu_handle(). */
int kt_vu_refuse(struct kt_vhost_user *t, const char *why);

/* The messages about memory; 0 or -EPROTO. */
int kt_vu_set_mem_table(struct kt_vhost_user *t);
int kt_vu_add_region(struct kt_vhost_user *t);
int kt_vu_remove_region(struct kt_vhost_user *t);

/* Where QEMU's @user_addr lies; -EPROTO when it is in no region. */
int kt_vu_gpa(struct kt_vhost_user *t, u64 user_addr, u64 *gpa);

/* The device lets go of its rings; where it stands in them is kept. */
void kt_vu_halt(struct kt_vhost_user *t);

/* Ring @index has another kick descriptor (or -1); the old one is closed. */
int kt_vu_watch_kick(struct kt_vhost_user *t, u32 index, int fd);

#endif /* KTSTR_VIRTIO_VHOST_USER_PROTO_H */
