// What the event loops of a run watch, as CSV.
#include "sim/report/metrics.hpp"

#include "kernel-model/ring.hpp"

namespace seccomp_sim::report {

metrics::metrics(sink out) : out_(std::move(out)) {
    out_("scenario,revision,step,epoll,watched,listeners,filters,tasks\n");
}

void metrics::sample(const replay::run& r, std::string_view kernel, std::size_t step) {
    const world& w = r.model().w;
    const std::size_t listeners = r.heard().listeners.size();
    std::size_t tasks = 0;
    w.tasks.for_each([&](task_id, const task& t) {
        tasks += !t.has(task_flag::kernel_thread) && t.exit_state == exit_state::alive ? 1U : 0U;
    });
    w.eventpolls.for_each([&](eventpoll_id, const eventpoll& ep) {
        std::size_t watched = 0;
        for (epitem_id item = ep.items; item;) {
            ++watched;
            item = ring_next(w.epitems, ep.items, item);
        }
        const name_id name = ep.file ? w.open_files[ep.file].name : name_id{};
        out_(r.script().name + "," + std::string(kernel) + "," + std::to_string(step) + "," +
             std::string(r.script().name_of(name)) + "," + std::to_string(watched) + "," +
             std::to_string(listeners) + "," + std::to_string(w.filters.count()) + "," +
             std::to_string(tasks) + "\n");
    });
}

} // namespace seccomp_sim::report
