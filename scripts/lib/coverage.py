#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Which of the series' own lines did a run take?

	coverage.py OUT TREE RUN...

RUN is the folder of a run, in whose consoles a kernel with gcov, built in OUT, has left
its counts; see report_coverage in initramfs/jobs/lib.sh. Lines are the series' if branch
series of TREE adds or changes them. Prints each file's share and the lines that were not
taken.
"""
import base64
import collections
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

GCOV = os.environ.get('CROSS_COMPILE', 'aarch64-linux-gnu-') + 'gcov'
RECORD = re.compile(r'rig: gcda (\S+) ([A-Za-z0-9+/=]+)\s*$')

def counts_of(console):
	"""{object: its .gcda} of each time that a kernel said so: host and guests."""
	found, last = [collections.OrderedDict()], None
	with open(console, errors='replace') as f:
		for line in f:
			m = RECORD.search(line)
			if not m:
				continue
			name, text = m.groups()
			if name != last and name in found[-1]:
				found.append(collections.OrderedDict())
			found[-1].setdefault(name, []).append(text)
			last = name
	return [{name: gzip.decompress(base64.b64decode(''.join(text))) for name, text in each.items()}
		for each in found]

def lines_of(out, counts):
	"""(file, line, count) by gcov."""
	with tempfile.TemporaryDirectory() as tmp:
		for name, data in counts.items():
			stem = os.path.join(tmp, name.replace('/', '@')[:-5])
			shutil.copy(os.path.join(out, name[:-5] + '.gcno'), stem + '.gcno')
			with open(stem + '.gcda', 'wb') as f:
				f.write(data)
			text = subprocess.run([GCOV, '--json-format', '--stdout', stem + '.gcda'],
					      cwd=tmp, capture_output=True, check=True).stdout
			for file in json.loads(text)['files']:
				for line in file['lines']:
					yield file['file'], line['line_number'], line['count']

def own_lines(tree):
	"""{file: {line: text}} of what the series adds."""
	diff = subprocess.run(['git', '-C', tree, 'diff', '-U0', '--no-renames', 'base', 'series', '--', '*.c', '*.h'],
			      capture_output=True, text=True, check=True).stdout
	own, file, at = collections.defaultdict(dict), None, 0
	for line in diff.splitlines():
		if line.startswith('+++ '):
			file = line[6:]
		elif line.startswith('@@'):
			at = int(re.match(r'@@ -\S+ \+(\d+)', line).group(1))
		elif line.startswith('+'):
			own[file][at] = line[1:]
			at += 1
	return own

def main(out, tree, *runs):
	own = own_lines(tree)
	taken = collections.defaultdict(lambda: collections.defaultdict(int))
	consoles = [os.path.join(run, name) for run in runs for name in os.listdir(run)]
	for console in consoles:
		for counts in counts_of(console) if console.endswith('.console') else []:
			for path, line, count in lines_of(out, counts):
				file = next((f for f in own if path.endswith(f)), None)
				if file and line in own[file]:
					taken[file][line] += count
	all_lines = all_taken = 0
	for file in sorted(taken):
		hit = sum(count > 0 for count in taken[file].values())
		all_lines += len(taken[file])
		all_taken += hit
		print(f'{file}: {hit} of {len(taken[file])}')
		for line, count in sorted(taken[file].items()):
			if not count:
				print(f'  {line}: {own[file][line].strip()}')
	print(f'{all_taken} of {all_lines} lines, {100 * all_taken // max(all_lines, 1)} %')

if __name__ == '__main__':
	main(*sys.argv[1:])
