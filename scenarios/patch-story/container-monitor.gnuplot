# Plots the fds in a container monitor's event loop, step by step, before the patch and after it.
# Give it csv, what `run --metrics` wrote, and svg, the file to write; `make plots` does.
set datafile separator ","
set terminal svg size 900,420 font "sans-serif,13" background "white"
set output svg
set title "A monitor that attaches 240 processes: listeners in its event loop"
set xlabel "step of the scenario"
set ylabel "fds in the loop"
set key top left
set grid ytics lc rgb "#dddddd"
set yrange [0:*]
set xrange [0:*]
watched(revision) = strcol(2) eq revision ? column(5) : NaN
plot csv using 3:(watched("v5.0")) with lines lw 2 lc rgb "#c0392b" title "v5.0: never HUP", \
     csv using 3:(watched("patch-v2")) with lines lw 2 lc rgb "#2471a3" title "patch v2: HUP, the handler goes"
