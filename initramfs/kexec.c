// SPDX-License-Identifier: GPL-2.0
/*
 * kexec IMAGE INITRAMFS COMMAND-LINE: start another kernel.
 *
 * The file system call builds the device tree, so nothing of kexec-tools is
 * needed.  Takes the machine down at once, as "kexec -f" does.
 */
#include <fcntl.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int image, initramfs;

	if (argc != 4) {
		fprintf(stderr, "usage: kexec IMAGE INITRAMFS COMMAND-LINE\n");
		return 2;
	}

	image = open(argv[1], O_RDONLY);
	if (image < 0) {
		perror(argv[1]);
		return 1;
	}
	initramfs = open(argv[2], O_RDONLY);
	if (initramfs < 0) {
		perror(argv[2]);
		return 1;
	}

	if (syscall(SYS_kexec_file_load, image, initramfs,
		    strlen(argv[3]) + 1, argv[3], 0)) {
		perror("kexec_file_load");
		return 1;
	}

	sync();
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
		LINUX_REBOOT_CMD_KEXEC, NULL);
	perror("reboot");
	return 1;
}
