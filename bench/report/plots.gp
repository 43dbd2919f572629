# The plots of the report, from the .dat files that report.sh leaves in the working folder.
set terminal svg noenhanced size 800,500 font "sans,13" background rgb "white"
set grid
set key outside right top
has_data(file) = int(system("test -s ".file." && echo 1 || echo 0"))
designs = "before patch_v2 upstream locked scan fused"

if (has_data("walk-upstream-hot.dat")) {
    set logscale x 2
    set xlabel "filters on the path"
    set ylabel "ns a level"
    set output "walk.svg"
    set title "The walk to the root, and its floor"
    set logscale y
    plot "walk-upstream-hot.dat" using 1:2:3:4 with yerrorlines title "upstream, hot", \
         "floor-hot.dat" using 1:2 with lines dashtype 2 title "floor, hot", \
         "walk-upstream-cold.dat" using 1:2:3:4 with yerrorlines title "upstream, cold", \
         "floor-cold.dat" using 1:2 with lines dashtype 2 title "floor, cold"
    set output "designs.svg"
    set title "Designs side by side, to the root"
    plot for [d in designs] "walk-".d."-hot.dat" using 1:2 with linespoints title d." hot", \
         for [d in designs] "walk-".d."-cold.dat" using 1:2 with linespoints dashtype 2 title d." cold"
    unset logscale
}
if (has_data("threads-upstream-disjoint.dat")) {
    set output "threads.svg"
    set title "Exits at once, 256 filters on the path (upstream and fused)"
    set xlabel "threads"
    set ylabel "ns an exit, in each thread"
    set xtics (1, 2, 4)
    set logscale y
    set xrange [0.8:4.2]
    plot for [s in "one_leaf shared_trunk disjoint"] "threads-upstream-".s.".dat" using 1:2:3:4 with yerrorlines title "upstream, ".s, \
         for [s in "one_leaf shared_trunk disjoint"] "threads-fused-".s.".dat" using 1:2:3:4 with yerrorlines dashtype 2 title "fused, ".s
    unset logscale
    set xrange [*:*]
    set xtics autofreq
}
if (has_data("kernel_exit.dat")) {
    set output "kernel_exit.svg"
    set title "A real task exits and is reaped"
    set xlabel "filters"
    set ylabel "microseconds (lower quartile; 10th and 90th percentile)"
    set key outside bottom center
    plot for [i = 0:3] "kernel_exit.dat" index i using 1:($2/1000):($3/1000):($4/1000) with yerrorlines title columnheader(1)
}
if (has_data("hup_wakeup.dat")) {
    set output "hup_wakeup.svg"
    set title "From the last exit to epoll_wait with HUP"
    set xlabel "listeners in the epoll set"
    set ylabel "microseconds"
    set logscale xy
    plot "hup_wakeup.dat" using 1:($2/1000) with linespoints title "HUP, median", \
         "" using 1:($3/1000) with linespoints title "HUP, p99", \
         "" using 1:($4/1000) with linespoints dashtype 2 title "eventfd, median", \
         "" using 1:($5/1000) with linespoints dashtype 2 title "eventfd, p99"
}
