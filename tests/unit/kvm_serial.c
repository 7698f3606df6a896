// SPDX-License-Identifier: GPL-2.0-only
/*
 * The serial port as Linux's 8250 driver looks at it: how it is recognised,
 * when it interrupts, and what becomes of what is sent.
 */
#include <fcntl.h>
#include <linux/serial_reg.h>
#include <sys/eventfd.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/engine/kvm/x86/serial.h"
#include "ktstr/wire/codec.h"
#include "nr_fds.h"

FIXTURE(serial)
{
	int fds_before, irq_fd, out[2];
	struct kt_serial s;
	char said[8192];
};

FIXTURE_SETUP(serial)
{
	self->fds_before = nr_fds();
	self->irq_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT_LE(0, self->irq_fd);
	ASSERT_EQ(0, pipe2(self->out, O_CLOEXEC | O_NONBLOCK));
	kt_serial_init(&self->s, self->out[1], self->irq_fd);
}

FIXTURE_TEARDOWN(serial)
{
	kt_serial_fini(&self->s);
	kt_close(&self->irq_fd);
	kt_close(&self->out[0]);
	kt_close(&self->out[1]);
	EXPECT_EQ(self->fds_before, nr_fds());
}

static void out(struct kt_serial *s, u32 reg, u8 v)
{
	kt_serial_ops.write(s, reg, &v, 1);
}

static u8 in(struct kt_serial *s, u32 reg)
{
	u8 v = 0xee;

	kt_serial_ops.read(s, reg, &v, 1);
	return v;
}

static void say(struct kt_serial *s, const char *text)
{
	for (; *text; text++)
		out(s, UART_TX, *text);
}

/* Interrupts since the last call. */
static u64 irqs(int fd)
{
	eventfd_t n = 0;

	return eventfd_read(fd, &n) ? 0 : n;
}

static const char *heard(int fd, char *buf, size_t size)
{
	ssize_t n = read(fd, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
	return buf;
}

#define HEARD() heard(self->out[0], self->said, sizeof(self->said))

TEST_F(serial, lines)
{
	say(&self->s, "one\ntw");
	EXPECT_STREQ("one\n", HEARD());
	say(&self->s, "o\r\n");
	EXPECT_STREQ("two\r\n", HEARD());
	say(&self->s, "no end");
	EXPECT_STREQ("", HEARD());
	kt_serial_flush(&self->s);
	EXPECT_STREQ("no end", HEARD());
	kt_serial_flush(&self->s);
	EXPECT_STREQ("", HEARD());
}

/* A line that never ends leaves in pieces, and none of it is lost. */
TEST_F(serial, endless_line)
{
	size_t i;

	for (i = 0; i < KT_SERIAL_LINE_MAX + 10; i++)
		out(&self->s, UART_TX, 'a' + i % 26);
	EXPECT_EQ(KT_SERIAL_LINE_MAX, strlen(HEARD()));
	kt_serial_flush(&self->s);
	EXPECT_EQ(10, strlen(HEARD()));
	EXPECT_EQ('a' + KT_SERIAL_LINE_MAX % 26, self->said[0]);
}

/* serial8250_do_startup() and autoconfig() of drivers/tty/serial/8250. */
TEST_F(serial, recognised)
{
	/* an IER with room for no more than four bits, all of which stay */
	out(&self->s, UART_IER, 0);
	EXPECT_EQ(0, in(&self->s, UART_IER));
	out(&self->s, UART_IER, 0xff);
	EXPECT_EQ(0x0f, in(&self->s, UART_IER));
	out(&self->s, UART_IER, 0);

	/* loopback shows what MCR drives */
	out(&self->s, UART_MCR, UART_MCR_LOOP | UART_MCR_OUT2 | UART_MCR_RTS);
	EXPECT_EQ(UART_MSR_DCD | UART_MSR_CTS, in(&self->s, UART_MSR) & 0xf0);
	out(&self->s, UART_MCR, UART_MCR_LOOP | UART_MCR_OUT1 | UART_MCR_DTR);
	EXPECT_EQ(UART_MSR_RI | UART_MSR_DSR, in(&self->s, UART_MSR) & 0xf0);
	out(&self->s, UART_TX, 'x');
	kt_serial_flush(&self->s);
	EXPECT_STREQ("", HEARD());
	out(&self->s, UART_MCR, 0);
	EXPECT_EQ(UART_MSR_DCD, in(&self->s, UART_MSR) & UART_MSR_DCD);

	/* a 16550A: FIFOs, and none of a 16650's or 16750's registers */
	EXPECT_EQ(0, in(&self->s, UART_IIR) >> 6);
	out(&self->s, UART_FCR, UART_FCR_ENABLE_FIFO);
	EXPECT_EQ(3, in(&self->s, UART_IIR) >> 6);
	out(&self->s, UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR7_64BYTE);
	EXPECT_EQ(0, in(&self->s, UART_IIR) & 0x20);
	out(&self->s, UART_LCR, UART_LCR_CONF_MODE_A);
	EXPECT_NE(0, in(&self->s, UART_EFR));
	out(&self->s, UART_LCR, UART_LCR_CONF_MODE_B);
	EXPECT_NE(0, in(&self->s, UART_EFR));
	out(&self->s, UART_LCR, 0);
	out(&self->s, UART_SCR, 0x5a);
	EXPECT_EQ(0x5a, in(&self->s, UART_SCR));
}

TEST_F(serial, divisor)
{
	out(&self->s, UART_LCR, UART_LCR_DLAB | UART_LCR_WLEN8);
	out(&self->s, UART_DLL, 0x12);
	out(&self->s, UART_DLM, 0x34);
	EXPECT_EQ(0x12, in(&self->s, UART_DLL));
	EXPECT_EQ(0x34, in(&self->s, UART_DLM));
	out(&self->s, UART_LCR, UART_LCR_WLEN8);
	EXPECT_EQ(UART_LCR_WLEN8, in(&self->s, UART_LCR));
	/* neither was sent nor enabled an interrupt */
	EXPECT_EQ(0, in(&self->s, UART_IER));
	kt_serial_flush(&self->s);
	EXPECT_STREQ("", HEARD());
	EXPECT_EQ(0, irqs(self->irq_fd));
}

TEST_F(serial, always_ready)
{
	EXPECT_EQ(UART_LSR_THRE | UART_LSR_TEMT, in(&self->s, UART_LSR));
	say(&self->s, "x");
	EXPECT_EQ(UART_LSR_THRE | UART_LSR_TEMT, in(&self->s, UART_LSR));
	EXPECT_EQ(0, in(&self->s, UART_RX));
	/* what is only read stays as it is */
	out(&self->s, UART_LSR, 0);
	out(&self->s, UART_MSR, 0);
	EXPECT_EQ(UART_LSR_THRE | UART_LSR_TEMT, in(&self->s, UART_LSR));
}

TEST_F(serial, interrupts)
{
	say(&self->s, "x");
	EXPECT_EQ(0, irqs(self->irq_fd));
	EXPECT_EQ(UART_IIR_NO_INT, in(&self->s, UART_IIR));

	/* enabled: it is told that the transmitter is empty, once */
	out(&self->s, UART_IER, UART_IER_THRI);
	EXPECT_EQ(1, irqs(self->irq_fd));
	EXPECT_EQ(UART_IIR_THRI, in(&self->s, UART_IIR));
	EXPECT_EQ(UART_IIR_NO_INT, in(&self->s, UART_IIR));
	out(&self->s, UART_IER, UART_IER_THRI);
	EXPECT_EQ(0, irqs(self->irq_fd));

	/* and after each byte */
	say(&self->s, "y");
	EXPECT_EQ(1, irqs(self->irq_fd));
	EXPECT_EQ(UART_IIR_THRI, in(&self->s, UART_IIR));

	/* the driver's test for a transmitter that does not tell again */
	out(&self->s, UART_IER, 0);
	EXPECT_EQ(UART_IIR_NO_INT, in(&self->s, UART_IIR));
	out(&self->s, UART_IER, UART_IER_THRI);
	EXPECT_EQ(1, irqs(self->irq_fd));
	EXPECT_EQ(UART_IIR_THRI, in(&self->s, UART_IIR));

	/* no interrupt but this one has a reason here */
	out(&self->s, UART_IER, UART_IER_RDI | UART_IER_RLSI | UART_IER_MSI);
	say(&self->s, "z");
	EXPECT_EQ(0, irqs(self->irq_fd));
	EXPECT_EQ(UART_IIR_NO_INT, in(&self->s, UART_IIR));
}

/* A host that does not read costs bytes, not time, and the guest's log says. */
TEST_F(serial, host_does_not_read)
{
	static const char line[] = "0123456789abcdef0123456789abcde\n";
	size_t len = sizeof(line) - 1;
	u32 i;

	ASSERT_LE(4096, fcntl(self->out[1], F_SETPIPE_SZ, 4096));
	for (i = 0; i < 4096 / len + 2; i++)
		say(&self->s, line);
	EXPECT_EQ(4096, strlen(HEARD()));
	say(&self->s, "back\n");
	EXPECT_STREQ("\n[64 bytes of console were lost]\nback\n", HEARD());
	say(&self->s, "again\n");
	EXPECT_STREQ("again\n", HEARD());
}

/* Wider accesses are one to each register, and never go beyond the last. */
TEST_F(serial, wide)
{
	u8 buf[4] = { 'a', 'b', 'c', 'd' };

	kt_serial_ops.write(&self->s, UART_SCR, buf, 1);
	memset(buf, 0, sizeof(buf));
	kt_serial_ops.read(&self->s, UART_MCR, buf, 4);
	EXPECT_EQ(0, buf[0]);
	EXPECT_EQ(UART_LSR_THRE | UART_LSR_TEMT, buf[1]);
	EXPECT_EQ('a', buf[3]);
}

/* A driver goes on with the registers it has set, and with what it waits for. */
TEST_F(serial, saved)
{
	struct kt_serial other;
	struct kt_enc e;
	struct kt_dec d;
	u8 state[64];

	out(&self->s, UART_SCR, 0x5a);
	out(&self->s, UART_LCR, UART_LCR_WLEN8 | UART_LCR_DLAB);
	out(&self->s, UART_DLL, 12);
	out(&self->s, UART_LCR, UART_LCR_WLEN8);
	out(&self->s, UART_MCR, UART_MCR_DTR);
	out(&self->s, UART_FCR, UART_FCR_ENABLE_FIFO);
	out(&self->s, UART_IER, UART_IER_THRI);
	kt_enc_init(&e, state, sizeof(state));
	kt_serial_save(&self->s, &e);
	irqs(self->irq_fd);
	kt_serial_init(&other, self->out[1], self->irq_fd);
	kt_dec_init(&d, state, e.len_bytes);
	kt_serial_load(&other, &d);
	EXPECT_EQ(0, kt_dec_finish(&d));
	/* its interrupt comes again */
	EXPECT_EQ(1, irqs(self->irq_fd));
	EXPECT_EQ(UART_IIR_THRI | 0xc0, in(&other, UART_IIR));
	EXPECT_EQ(0x5a, in(&other, UART_SCR));
	EXPECT_EQ(UART_MCR_DTR, other.mcr);
	EXPECT_EQ(UART_IER_THRI, in(&other, UART_IER));
	out(&other, UART_LCR, UART_LCR_WLEN8 | UART_LCR_DLAB);
	EXPECT_EQ(12, in(&other, UART_DLL));
	kt_serial_fini(&other);
}

TEST_HARNESS_MAIN
