#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""From the consoles of a run to its table.

	results.py ktap CONSOLE STATUS [TEST...]
		the tests of a guest as KTAP; STATUS is that of scripts/boot, TEST... are
		those that had to run
	results.py splats CONSOLE
		the kernel's complaints
	results.py again XML BASE
		the tests that count as failed, one a line
	results.py report RUN BASE
		results.tsv, table.txt and junit.xml in the folder RUN, from the XML
		that kunit.py made of each KTAP file; ends in the closing line
	results.py base RUN BASE
		the verdicts of a run on the untouched kernel, for the file BASE

A guest's console holds, among the kernel's own messages,

	rig: TEST <name>		what follows is about this test
	rig: | <line>			a line of its output, in which TAP counts
	rig: KTAP <line>		a line of KTAP, as KUnit writes it
	rig: RESULT <name> <verdict> <seconds>
	rig: EXIT <status>
"""
import collections
import os
import re
import sys
import xml.etree.ElementTree as ET

RECORD = re.compile(r'^\[ *[\d.]+\] rig: (TEST|\||KTAP|RESULT|EXIT) ?(.*)$')
TAP = re.compile(r'^(ok|not ok) +\d+ *(?:- )?(.*)$')
COMPLAINT = re.compile(r'BUG:|WARNING:|UBSAN:|Oops|Internal error|Unable to handle|Kernel panic|'
		       r'hyp panic|detected stall|soft lockup|blocked for more than')
STATUS = {122: "the kernel is in another mode", 124: "did not end in time",
	  125: "the machine stopped without a verdict"}

# The parts whose tests can be run one by one, and are run on the untouched kernel.
PICKED = ('selftests', 'show', 'unit')

Row = collections.namedtuple('Row', 'part mode test verdict said where')

def clean(text):
	return re.sub(r'\s+', ' ', text.replace('#', '')).strip()

def complains(line):
	return line.startswith('[') and COMPLAINT.search(line)

class Ktap:
	"""Writes KTAP, and knows which tests it has written."""
	def __init__(self, console):
		self.console = os.path.basename(console)
		self.blocks, self.done, self.failed = [], set(), False

	def add(self, verdict, name, block, lines, reason=''):
		n = len(self.blocks) + 1
		end = f"{'not ok' if verdict == 'fail' else 'ok'} {n} {name}"
		if verdict == 'skip':
			end += f' # SKIP {clean(reason)}'
		self.failed |= verdict == 'fail'
		self.blocks.append(block + [f'#  {line}' for line in lines] + [end])

	def where(self, number):
		return f'at {self.console}:{number}'

	def result(self, name, verdict, output, number):
		"""One test: its TAP as subtests, if there is any."""
		self.done.add(name)
		taps = [(i, TAP.match(line)) for i, line in output if TAP.match(line)]
		bad = 'fail' if verdict not in ('pass', 'skip') else verdict
		said = [line.strip() for _, line in output if line.strip() and not TAP.match(line)][-25:]
		if verdict == 'skip':
			why = [line for _, line in output if 'skip' in line.lower()]
			self.add('skip', name, [], [self.where(number)],
				 re.sub(r'(?i)^.*?\bskip\w*\b[ :,-]*', '', why[0]) if why else '')
			return
		if not taps:
			self.add(bad, name, [], (said if bad == 'fail' else []) + [self.where(number)])
			return

		leaves, names, before, failed = [], collections.Counter(), [], False
		for i, line in output:
			m = TAP.match(line)
			if not m:
				before.append(line.strip())
				continue
			sub, _, rest = m.group(2).partition('#')
			sub = re.sub(r' \(\d+ ms\)$', '', clean(sub)) or f'subtest {len(leaves) + 1}'
			names[sub] += 1
			if names[sub] > 1:
				sub += f' ({names[sub]})'
			end = f'    {m.group(1)} {len(leaves) + 1} {sub}'
			if re.match(r'\s*SKIP', rest):
				end += f' # SKIP {clean(rest.strip()[4:])}'
			diag = []
			if m.group(1) == 'not ok' and not re.match(r'\s*SKIP', rest):
				failed = True
				diag = [f'    #  {text}' for text in before[-25:] + [self.where(i)]]
			leaves.append(diag + [end])
			before = []
		if bad == 'fail' and not failed:
			text = before[-25:] + [f'ended as "{verdict}"', self.where(number)]
			leaves.append([f'    #  {line}' for line in text] +
				      [f'    not ok {len(leaves) + 1} the rest'])
		block = ['    KTAP version 1', f'    # Subtest: {name}', f'    1..{len(leaves)}']
		self.add(bad, name, block + [line for leaf in leaves for line in leaf], [])

	def kunit(self, lines):
		"""A suite as debugfs has it: its top-level result gets its number here."""
		block = []
		for line in lines:
			m = TAP.match(line)
			if m:
				name, _, rest = m.group(2).partition(' # SKIP')
				verdict = 'fail' if m.group(1) == 'not ok' else 'skip' if rest else 'pass'
				self.add(verdict, name, block, [], rest)
				block = []
			elif not re.match(r'KTAP version|1\.\.', line):
				block.append(line)

	def write(self):
		print('KTAP version 1', f'1..{len(self.blocks)}', sep='\n')
		for block in self.blocks:
			print(*block, sep='\n')

def ktap(console, status, *expected):
	out, status = Ktap(console), int(status)
	test, output, suites, splats, number, ended = None, [], [], {}, 0, None
	last = []
	with open(console, errors='replace') as f:
		for number, line in enumerate(f, 1):
			line = line.rstrip()
			m = RECORD.match(line)
			if not m:
				if complains(line):
					splats.setdefault(test or 'boot', []).append(
						(number, re.sub(r'^\[[^]]*\] ', '', line)))
				last = last[-4:] + [line]
				continue
			kind, text = m.groups()
			if kind == 'TEST':
				test, output, suites = text, [], []
			elif kind == '|':
				output.append((number, text))
			elif kind == 'KTAP':
				suites.append(text)
			elif kind == 'EXIT':
				ended = text
			else:
				name, verdict, _ = text.rsplit(' ', 2)
				out.kunit(suites)
				if suites and verdict == 'pass':
					out.done.add(name)
				else:
					out.result(name, verdict, output, number)
				test, output, suites = None, [], []

	# What ran when the machine stopped has what the kernel said last as its reason.
	if test:
		said = [text for _, text in splats.pop(test, [])[-3:]] or last
		out.result(test, 'fail', output + [(number, text) for text in said] +
			   [(number, STATUS.get(status, f'status {status}'))], number)
	for name, texts in splats.items():
		out.add('fail', f'{name} (kernel log)', [], [t for _, t in texts[:3]] + [out.where(texts[0][0])])
	for name in expected:
		if name not in out.done:
			out.add('fail', name, [], ['did not run: ' + STATUS.get(status, f'status {status}'),
						  out.where(number)])
	if not out.failed:
		if status and ended is not None and status not in STATUS:
			out.add('fail', 'boot', [], [f'the job ended with status {status}', out.where(number)])
		elif status:
			out.add('fail', 'boot', [], last + [STATUS.get(status, f'status {status}'), out.where(number)])
		elif not out.blocks:
			out.add('fail', 'boot', [], ['no test ran', out.where(number)])
	out.write()

def splats(console):
	with open(console, errors='replace') as f:
		print(*(line for line in f if complains(line) and not RECORD.match(line)), sep='', end='')

def reason(log):
	"""Of all that a failed test said, what tells most: where it failed, and its last words."""
	kernel = [line for line in log if COMPLAINT.search(line)]
	if kernel:
		return kernel[-1]
	words = [line for line in log
		 if line not in STATUS.values() and not line.startswith(('exit status', 'ended as', 'sh:'))]
	code = [line for line in words if re.search(r'\w\.[chS]:\d+', line)]
	return '; '.join(dict.fromkeys(code[:1] + (words or log)[-1:]))

def rows(path):
	"""The leaves of an XML file of kunit.py."""
	part, mode = os.path.basename(path).split('.')[0].split('-', 1)
	root = ET.parse(path).getroot()
	found = []

	def walk(suite, names):
		for child in suite:
			if child.tag == 'testsuite':
				walk(child, names + [child.get('name')])
			if child.tag != 'testcase':
				continue
			log = [line.strip().lstrip('#').strip()
			       for line in (child.findtext('system-out') or '').splitlines()]
			where = next((line[3:] for line in log if line.startswith('at ')), '')
			log = [line for line in log if line and not line.startswith('at ')]
			verdict, said = 'pass', ''
			if child.find('skipped') is not None:
				verdict, said = 'skip', child.findtext('skipped') or ''
			elif child.find('failure') is not None or child.find('error') is not None:
				verdict = 'fail'
				said = reason(log)
			found.append(Row(part, mode, ': '.join(names + [child.get('name')]), verdict,
					 clean(said)[:200], where))

	walk(root, [])
	errors = int(root.get('errors', 0)) - len(root.findall('.//error'))
	if errors > 0 or not found:
		found.append(Row(part, mode, 'KTAP', 'fail', 'kunit.py cannot read all of it',
				 os.path.basename(path)[:-3] + 'ktap'))
	return found

def top(test):
	return re.sub(r' \(kernel log\)$', '', test.split(': ')[0])

def base_table(path):
	"""{mode: {test: verdict}} of a file with a column per mode."""
	table = {}
	if path and os.path.exists(path):
		with open(path) as f:
			head, *modes = f.readline().rstrip('\n').split('\t')
			if head != 'test':
				return {}
			table = {mode: {} for mode in modes}
			for line in f:
				test, *verdicts = line.rstrip('\n').split('\t')
				for mode, verdict in zip(modes, verdicts):
					if verdict != '-':
						table[mode][test] = verdict
	return table

def base_verdict(row, base):
	"""What the untouched kernel has for it."""
	if row.part not in PICKED or row.mode not in base:
		return 'new'
	known = base[row.mode]
	if row.test in known:
		return known[row.test]
	if known.get(top(row.test)) == 'fail':
		return 'fail'
	subtests = [v for t, v in known.items() if t.startswith(row.test + ': ')]
	return 'pass' if 'pass' in subtests else 'new'

def judge(row, base):
	if row.verdict == 'pass':
		return 'pass'
	was = base_verdict(row, base)
	if was == 'fail' or (row.verdict == 'skip' and was in ('skip', 'new')):
		return 'skip'
	return 'fail'

def again(path, base):
	base = base_table(base)
	print(*dict.fromkeys(top(r.test) for r in rows(path) if judge(r, base) == 'fail'), sep='\n')

def collect(run):
	"""All rows of a run, where a second try takes the place of the first, and the
	rows of first tries that had failed."""
	found, first = [], []
	for name in sorted(os.listdir(run)):
		if not name.endswith('.xml') or name.endswith('.again.xml') or name == 'junit.xml':
			continue
		now = rows(os.path.join(run, name))
		second = os.path.join(run, name[:-4] + '.again.xml')
		if os.path.exists(second):
			new = rows(second)
			tried = {top(row.test) for row in new}
			# All of it was tried again, and not just what had failed?
			if now[0].part not in PICKED or {'boot', 'KTAP'} & {top(row.test) for row in now}:
				tried |= {top(row.test) for row in now}
			first += [row for row in now if top(row.test) in tried and row.verdict == 'fail']
			now = [row for row in now if top(row.test) not in tried] + new
		found += now
	return found, first

def order(names, wanted):
	return sorted(names, key=lambda n: (wanted.index(n) if n in wanted else len(wanted), n))

def report(run, base_path):
	base = base_table(base_path)
	all_rows, first = collect(run)
	results = [(row, judge(row, base), base_verdict(row, base)) for row in all_rows]
	difference = lambda r: r[1] == 'fail' or (r[2] != 'new' and r[0].verdict != r[2])
	results.sort(key=lambda r: (not difference(r), r[1] != 'fail'))

	with open(os.path.join(run, 'results.tsv'), 'w') as f:
		print('part', 'mode', 'test', 'result', 'series', 'base', 'said', 'where', sep='\t', file=f)
		for row, result, was in results:
			print(row.part, row.mode, row.test, result, row.verdict, was, row.said, row.where,
			      sep='\t', file=f)

	cells, modes = collections.OrderedDict(), []
	for row, result, was in results:
		text = 'FAIL' if result == 'fail' else row.verdict
		if was != 'new' and was != row.verdict:
			text += f' (base {was})'
		cells.setdefault((row.part, row.test), {})[row.mode] = text
		modes.append(row.mode)
	modes = order(set(modes), ['vhe', 'nvhe', 'protected', 'a57', 'nested', 'hvhe', 'none'])
	with open(os.path.join(run, 'table.txt'), 'w') as f:
		print('Each test in each mode, differences from the untouched kernel first.\n', file=f)
		width = max([len(f'{p} {t}') for p, t in cells] + [4])
		print('test'.ljust(width), *(m.ljust(16) for m in modes), file=f)
		for (part, test), cell in cells.items():
			print(f'{part} {test}'.ljust(width),
			      *(cell.get(m, '-').ljust(16) for m in modes), file=f)

	suites = ET.Element('testsuites')
	groups = collections.OrderedDict()
	for row, result, was in results:
		groups.setdefault(f'{row.part}.{row.mode}', []).append((row, result))
	for name, members in groups.items():
		count = collections.Counter(result for _, result in members)
		suite = ET.SubElement(suites, 'testsuite', name=name, tests=str(len(members)),
				      failures=str(count['fail']), skipped=str(count['skip']))
		for row, result in members:
			case = ET.SubElement(suite, 'testcase', classname=name, name=row.test)
			if result == 'fail':
				ET.SubElement(case, 'failure', message=row.said).text = row.where
			elif result == 'skip':
				ET.SubElement(case, 'skipped', message=row.said)
	ET.indent(suites)
	ET.ElementTree(suites).write(os.path.join(run, 'junit.xml'), encoding='utf-8', xml_declaration=True)

	count = collections.Counter(result for _, result, _ in results)
	shown = os.path.relpath(os.path.realpath(run), os.environ.get('ROOT', '.'))
	place = lambda row: row.where if '/' in row.where else f'{shown}/{row.where}'
	failed = {(row.part, row.mode, top(row.test)) for row, result, _ in results if result == 'fail'}
	for row in first:
		if (row.part, row.mode, top(row.test)) not in failed and judge(row, base) == 'fail':
			print(f'  once      {row.mode} {row.test}: {row.said}, not when tried again ({place(row)})')
	for row, result, was in results:
		if result == 'skip' and row.verdict == 'fail':
			print(f'  known     {row.mode} {row.test}: fails on the untouched kernel too')
	if count['fail']:
		print('\nFailed:')
	for row, result, was in results:
		if result == 'fail':
			said = row.said or row.verdict
			if was != 'new':
				said += f' ({was} on the untouched kernel)'
			print(f'  {row.mode:9} {row.test}\n            {said}\n            {place(row)}')
	if not results:
		print('No test ran.')
	print(f"{count['pass']} passed, {count['fail']} failed, {count['skip']} skipped")
	return not results or count['fail'] > 0

def base(run, path):
	table = base_table(path)
	for mode in {row.mode for row in collect(run)[0]}:
		table[mode] = {}
	for row in collect(run)[0]:
		table[row.mode][row.test] = row.verdict
	modes = order(table, ['vhe', 'nvhe', 'protected', 'a57', 'nested'])
	print('test', *modes, sep='\t')
	for test in sorted({t for m in modes for t in table[m]}):
		print(test, *(table[m].get(test, '-') for m in modes), sep='\t')

if __name__ == '__main__':
	command = {'ktap': ktap, 'splats': splats, 'again': again, 'report': report, 'base': base}[sys.argv[1]]
	sys.exit(command(*sys.argv[2:]))
