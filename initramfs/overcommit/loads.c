// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads that contend for one lock each, and some that do not.
 *
 *	loads LOAD THREADS MILLISECONDS [DIRECTORY]
 *
 * Prints the operations done, the microseconds they took, and the share of the thread
 * that got least, as a percentage of its fair one. Files are made in DIRECTORY.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_THREADS	64
#define FAULT_PAGES	64
#define WARM_UP_US	20000

struct worker {
	volatile unsigned long ops;
	unsigned long first;	/* operations before the time was taken */
	int id;
	int in, out;		/* a pipe's ends */
	char *memory;
} __attribute__((aligned(256)));

static struct worker *workers;
static volatile int *stop;
static long page;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static const char *directory = "/tmp";

/* Create and unlink a file in a directory of all: the directory's i_rwsem. */
static void files(struct worker *w)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "%s/loads.%d", directory, w->id);
	fd = open(name, O_CREAT | O_RDWR, 0600);
	if (fd < 0)
		die(name);
	close(fd);
	unlink(name);
}

/* Map and unmap in one address space: mmap_lock for write. */
static void map(struct worker *w)
{
	void *p = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	munmap(p, page);
}

/* One table of file descriptors: file_lock, a spinlock. */
static void dups(struct worker *w)
{
	int fd = dup(0);

	if (fd < 0)
		die("dup");
	close(fd);
}

/* A futex nobody waits for, in a hash of few buckets: spinlocks. */
static void futex(struct worker *w)
{
	static int values[MAX_THREADS * 64];

	syscall(SYS_futex, &values[(w->ops * 7 + w->id) % (MAX_THREADS * 64)],
		FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0);
}

/* Page faults in memory of each thread's own: page allocator, LRU, page tables. */
static void fault(struct worker *w)
{
	int i;

	for (i = 0; i < FAULT_PAGES; i++)
		w->memory[i * page] = 1;
	madvise(w->memory, FAULT_PAGES * page, MADV_DONTNEED);
}

/* A process that ends at once: tasklist_lock, a qrwlock, and much besides. */
static void forks(struct worker *w)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	if (pid < 0)
		die("fork");
	waitpid(pid, NULL, 0);
}

/* Two processes pass a byte to and fro: wake-ups, no common lock. */
static void pipes(struct worker *w)
{
	char c = 0;

	if (w->out >= 0 && write(w->out, &c, 1) != 1)
		die("write");
	if (read(w->in, &c, 1) != 1)
		die("read");
}

/*
 * Arithmetic, nothing shared, each thread on a CPU of its own. No system calls: they
 * take a lock of the emulator.
 */
static void alone(struct worker *w)
{
	volatile unsigned int i;

	for (i = 0; i < 1000; i++)
		;
}

static const struct load {
	const char *name;
	void (*op)(struct worker *w);
	int processes;
} loads[] = {
	{ "files", files }, { "mmap", map }, { "dup", dups }, { "futex", futex },
	{ "fault", fault }, { "fork", forks, 1 }, { "pipe", pipes, 1 }, { "alone", alone },
};

static const struct load *load;

static void *work(void *arg)
{
	struct worker *w = arg;

	if (load->op == alone) {
		cpu_set_t cpus;

		CPU_ZERO(&cpus);
		CPU_SET(w->id, &cpus);
		sched_setaffinity(0, sizeof(cpus), &cpus);
	}
	while (!*stop) {
		load->op(w);
		w->ops++;
	}
	return NULL;
}

/* The other end of a pipe. */
static void echo(int in, int out)
{
	char c;

	while (read(in, &c, 1) == 1)
		if (write(out, &c, 1) != 1)
			break;
	_exit(0);
}

static long long now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
	unsigned int threads, i, ms;
	pthread_t thread[MAX_THREADS];
	unsigned long ops = 0, least = -1UL;
	pid_t pid[MAX_THREADS], partner[MAX_THREADS];
	long long begin, end;

	if (argc != 4 && argc != 5)
		return 2;
	for (load = loads; strcmp(load->name, argv[1]); load++)
		if (load == loads + sizeof(loads) / sizeof(loads[0]) - 1)
			return 2;
	threads = atoi(argv[2]);
	ms = atoi(argv[3]);
	if (!threads || threads > MAX_THREADS || !ms)
		return 2;

	if (argc == 5)
		directory = argv[4];
	page = sysconf(_SC_PAGESIZE);
	workers = mmap(NULL, MAX_THREADS * sizeof(*workers) + page, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (workers == MAP_FAILED)
		die("mmap");
	stop = (int *)(workers + MAX_THREADS);

	if (load->op == pipes)
		threads = (threads + 1) / 2;
	for (i = 0; i < threads; i++) {
		struct worker *w = &workers[i];

		w->id = i;
		if (load->op == fault) {
			w->memory = mmap(NULL, FAULT_PAGES * page, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			if (w->memory == MAP_FAILED)
				die("mmap");
		}
		if (load->op == pipes) {
			int there[2], back[2];

			if (pipe(there) || pipe(back))
				die("pipe");
			partner[i] = fork();
			if (partner[i] < 0)
				die("fork");
			if (!partner[i])
				echo(there[0], back[1]);
			w->out = there[1];
			w->in = back[0];
		}
		if (!load->processes) {
			if (pthread_create(&thread[i], NULL, work, w))
				die("pthread_create");
		} else {
			pid[i] = fork();
			if (pid[i] < 0)
				die("fork");
			if (!pid[i]) {
				work(w);
				_exit(0);
			}
		}
	}
	/* Until all run. */
	usleep(WARM_UP_US);
	for (i = 0; i < threads; i++)
		workers[i].first = workers[i].ops;
	begin = now_us();
	usleep(ms * 1000);
	*stop = 1;
	end = now_us();
	for (i = 0; i < threads; i++) {
		unsigned long n = workers[i].ops - workers[i].first;

		ops += n;
		if (n < least)
			least = n;
	}
	for (i = 0; i < threads; i++) {
		if (load->processes)
			waitpid(pid[i], NULL, 0);
		else
			pthread_join(thread[i], NULL);
	}
	printf("%lu %lld %lu\n", ops, end - begin, ops ? 100 * threads * least / ops : 0);
	for (i = 0; load->op == pipes && i < threads; i++)
		kill(partner[i], SIGKILL);
	return 0;
}
