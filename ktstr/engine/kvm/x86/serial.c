// SPDX-License-Identifier: GPL-2.0-only
/*
 * The 16550A's registers (National Semiconductor PC16550D). Interrupts are
 * edges: one leaves whenever a reason for it appears, and IIR tells the reason
 * until it is read.
 */
#include <linux/serial_reg.h>
#include <stdio.h>
#include <unistd.h>

#include "../../../wire/codec.h"
#include "serial.h"

#define IER_BITS	0x0f
#define MCR_BITS	0x1f
#define FIFOS_ON	0xc0

void kt_serial_init(struct kt_serial *s, int out_fd, int irq_fd)
{
	memset(s, 0, sizeof(*s));
	pthread_mutex_init(&s->lock, NULL);
	s->out_fd = out_fd;
	s->irq_fd = irq_fd;
	s->dll = 1;		/* 115200 baud */
	s->lcr = UART_LCR_WLEN8;
}

void kt_serial_fini(struct kt_serial *s)
{
	kt_serial_flush(s);
	pthread_mutex_destroy(&s->lock);
}

/* How many of @len_bytes the host did not take. */
static u32 put(struct kt_serial *s, const char *p, u32 len_bytes)
{
	ssize_t n;

	do {
		n = write(s->out_fd, p, len_bytes);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? len_bytes : len_bytes - n;
}

static void flush(struct kt_serial *s)
{
	char note[64];
	int len;

	if (!s->len_bytes)
		return;
	if (s->lost_bytes) {
		len = snprintf(note, sizeof(note),
			       "\n[%llu bytes of console were lost]\n",
			       (unsigned long long)s->lost_bytes);
		if (!put(s, note, len))
			s->lost_bytes = 0;
	}
	s->lost_bytes += put(s, s->line, s->len_bytes);
	s->len_bytes = 0;
}

void kt_serial_flush(struct kt_serial *s)
{
	pthread_mutex_lock(&s->lock);
	flush(s);
	pthread_mutex_unlock(&s->lock);
}

static void interrupt(struct kt_serial *s)
{
	static const u64 one = 1;

	/* a full counter has not been read: the edge is still there */
	if (s->thr_pending && (s->ier & UART_IER_THRI) &&
	    write(s->irq_fd, &one, sizeof(one)) < 0)
		return;
}

static void send(struct kt_serial *s, u8 byte)
{
	if (!(s->mcr & UART_MCR_LOOP)) {
		s->line[s->len_bytes++] = byte;
		if (byte == '\n' || s->len_bytes == sizeof(s->line))
			flush(s);
	}
	s->thr_pending = true;	/* it is empty again */
	interrupt(s);
}

static void write_ier(struct kt_serial *s, u8 byte)
{
	u8 old = s->ier;

	s->ier = byte & IER_BITS;
	if (!(old & UART_IER_THRI) && (s->ier & UART_IER_THRI)) {
		s->thr_pending = true;
		interrupt(s);
	}
}

static void write_reg(struct kt_serial *s, u32 reg, u8 byte)
{
	bool dlab = s->lcr & UART_LCR_DLAB;

	switch (reg) {
	case UART_TX:
		if (dlab)
			s->dll = byte;
		else
			send(s, byte);
		break;
	case UART_IER:
		if (dlab)
			s->dlm = byte;
		else
			write_ier(s, byte);
		break;
	case UART_FCR:
		s->fcr = byte;
		break;
	case UART_LCR:
		s->lcr = byte;
		break;
	case UART_MCR:
		s->mcr = byte & MCR_BITS;
		break;
	case UART_SCR:
		s->scr = byte;
		break;
	default:
		break;		/* LSR and MSR are only read */
	}
}

static u8 read_iir(struct kt_serial *s)
{
	u8 fifos = s->fcr & UART_FCR_ENABLE_FIFO ? FIFOS_ON : 0;

	if (!s->thr_pending || !(s->ier & UART_IER_THRI))
		return UART_IIR_NO_INT | fifos;
	s->thr_pending = false;
	return UART_IIR_THRI | fifos;
}

/* In loopback the modem's lines are those that MCR drives. */
static u8 read_msr(const struct kt_serial *s)
{
	u8 msr = 0;

	if (!(s->mcr & UART_MCR_LOOP))
		return UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS;
	if (s->mcr & UART_MCR_RTS)
		msr |= UART_MSR_CTS;
	if (s->mcr & UART_MCR_DTR)
		msr |= UART_MSR_DSR;
	if (s->mcr & UART_MCR_OUT1)
		msr |= UART_MSR_RI;
	if (s->mcr & UART_MCR_OUT2)
		msr |= UART_MSR_DCD;
	return msr;
}

static u8 read_reg(struct kt_serial *s, u32 reg)
{
	bool dlab = s->lcr & UART_LCR_DLAB;

	switch (reg) {
	case UART_RX:
		return dlab ? s->dll : 0;
	case UART_IER:
		return dlab ? s->dlm : s->ier;
	case UART_IIR:
		return read_iir(s);
	case UART_LCR:
		return s->lcr;
	case UART_MCR:
		return s->mcr;
	case UART_LSR:
		return UART_LSR_THRE | UART_LSR_TEMT;
	case UART_MSR:
		return read_msr(s);
	default:
		return s->scr;
	}
}

/* Registers are bytes: a wider access is one to each. */
static void serial_read(void *dev, u32 offset, void *buf, u32 len_bytes)
{
	struct kt_serial *s = dev;
	u8 *p = buf;
	u32 i;

	pthread_mutex_lock(&s->lock);
	for (i = 0; i < len_bytes; i++)
		p[i] = read_reg(s, offset + i);
	pthread_mutex_unlock(&s->lock);
}

static void serial_write(void *dev, u32 offset, const void *buf, u32 len_bytes)
{
	struct kt_serial *s = dev;
	const u8 *p = buf;
	u32 i;

	pthread_mutex_lock(&s->lock);
	for (i = 0; i < len_bytes; i++)
		write_reg(s, offset + i, p[i]);
	pthread_mutex_unlock(&s->lock);
}

void kt_serial_save(struct kt_serial *s, struct kt_enc *e)
{
	pthread_mutex_lock(&s->lock);
	kt_enc_u8(e, s->ier);
	kt_enc_u8(e, s->lcr);
	kt_enc_u8(e, s->mcr);
	kt_enc_u8(e, s->scr);
	kt_enc_u8(e, s->fcr);
	kt_enc_u8(e, s->dll);
	kt_enc_u8(e, s->dlm);
	kt_enc_u8(e, s->thr_pending);
	pthread_mutex_unlock(&s->lock);
}

void kt_serial_load(struct kt_serial *s, struct kt_dec *d)
{
	pthread_mutex_lock(&s->lock);
	s->ier = kt_dec_u8(d) & IER_BITS;
	s->lcr = kt_dec_u8(d);
	s->mcr = kt_dec_u8(d) & MCR_BITS;
	s->scr = kt_dec_u8(d);
	s->fcr = kt_dec_u8(d);
	s->dll = kt_dec_u8(d);
	s->dlm = kt_dec_u8(d);
	s->thr_pending = kt_dec_u8(d);
	/* the edge may have been on its way to the saved machine */
	interrupt(s);
	pthread_mutex_unlock(&s->lock);
}

const struct kt_bus_ops kt_serial_ops = {
	.read	= serial_read,
	.write	= serial_write,
};
