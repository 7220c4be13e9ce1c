# SPDX-License-Identifier: GPL-2.0-only
# QEMU's arm64 machine, started at EL2, for kunit.py --qemu_config: see .kunitconfig
# for the command line.
from ..qemu_config import QemuArchParams

QEMU_ARCH = QemuArchParams(linux_arch='arm64',
			   kconfig='''
CONFIG_SERIAL_AMBA_PL011=y
CONFIG_SERIAL_AMBA_PL011_CONSOLE=y''',
			   qemu_arch='aarch64',
			   kernel_path='arch/arm64/boot/Image',
			   kernel_command_line='console=ttyAMA0',
			   extra_qemu_params=['-machine', 'virt,virtualization=on,gic-version=3',
					      '-cpu', 'max,pauth-impdef=on', '-smp', '2'])
