# SPDX-License-Identifier: GPL-2.0-only
# The ratios of scripts/overcommit as grouped bars; data and sides come from there.
set xtics noenhanced
set title "Operations per second, ".sides.", by vCPUs on 2 CPUs"
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.8 noborder
set logscale y
set yrange [0.25:*]
set grid ytics lc rgb "#dddddd"
set key outside right top
set xtics rotate by -25 font ",9"
set arrow from graph 0, first 1 to graph 1, first 1 nohead lc rgb "#888888" dt 2
plot for [i=2:*] data using i:xtic(1) title columnheader
