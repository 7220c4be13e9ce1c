# SPDX-License-Identifier: GPL-2.0-only
# The ratios of scripts/bench as grouped bars; data and modes come from there.
set title "Instructions on the series, as a share of the untouched kernel's"
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.8 noborder
set yrange [0:*]
set ytics 0.2
set grid ytics lc rgb "#dddddd"
set key outside right top
set xtics rotate by -25 font ",9"
set arrow from graph 0, first 1 to graph 1, first 1 nohead lc rgb "#888888" dt 2
# One column per mode, a row for each metric in the order of the file.
ratios(m) = sprintf("< awk -F '\\t' -v mode=%s '{ if (!($1 in n)) { n[$1] = 1; o[++k] = $1 } if ($2 == mode) v[$1] = $3 } END { for (i = 1; i <= k; i++) print o[i] \"\\t\" ((o[i] in v) ? v[o[i]] : 0) }' %s", m, data)
set datafile separator "\t"
plot for [m in modes] ratios(m) using 2:xtic(1) title m
