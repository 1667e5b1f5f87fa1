#pragma once
// parallel: samples shared out over threads, each thread with a worker of its own.
// room: host | runs on: host | heap: yes (threads)

#include <ctq/core/target.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

/// `wanted` threads, or one for each core when 0; never more than there are samples, at least 1.
[[nodiscard]] inline std::size_t thread_count(std::size_t wanted, std::size_t samples) {
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    return std::clamp<std::size_t>(wanted == 0 ? cores : wanted, 1, std::max<std::size_t>(samples, 1));
}

namespace detail {

/// Hands out sample numbers in order, and keeps the fault of the least sample that had one. All lesser samples were
/// handed out before, and are finished: so the fault that is reported depends on neither threads nor luck.
class sample_queue {
    std::atomic<std::size_t> next_ = 0, done_ = 0, failed_ = std::numeric_limits<std::size_t>::max();
    std::mutex mutex_;
    std::exception_ptr fault_;
    std::size_t count_;

  public:
    explicit sample_queue(std::size_t count) : count_(count) {}

    /// The next sample, or `count` when there is none or one has failed.
    std::size_t take() {
        if (failed_ != std::numeric_limits<std::size_t>::max()) return count_;
        return std::min(next_++, count_);
    }
    void finished() { ++done_; }
    [[nodiscard]] std::size_t done() const { return done_; }

    void fail(std::size_t sample, std::exception_ptr fault) {
        const std::lock_guard lock(mutex_);
        if (sample >= failed_) return;
        failed_ = sample;
        fault_ = std::move(fault);
    }
    void rethrow_fault() const {
        if (fault_) std::rethrow_exception(fault_);
    }
};

template <class Worker, class Progress>
void work_off(sample_queue& queue, std::size_t count, Worker& worker, Progress progress) {
    for (std::size_t sample = queue.take(); sample < count; sample = queue.take()) {
        try {
            worker(sample);
            queue.finished();
            progress(queue.done());
        } catch (...) {
            queue.fail(sample, std::current_exception());
        }
    }
}

} // namespace detail

/// Calls worker(sample) for every sample below `count`; each of `threads` threads (0: one a core) runs a worker that
/// `make_worker(thread)` made, all of them before the first sample. `progress(done)` is called by the calling thread.
/// What a worker throws is thrown here, that of the least sample if several did; a fault of make_worker at once.
/// Which thread gets a sample is not determined: results must be kept by sample, or merged without regard to order.
template <class MakeWorker, class Progress>
void for_each_sample(std::size_t count, std::size_t threads, MakeWorker make_worker, Progress progress) {
    using worker_type = decltype(make_worker(std::size_t{0}));
    const std::size_t workers = thread_count(threads, count);
    std::vector<worker_type> made;
    made.reserve(workers);
    for (std::size_t i = 0; i < workers; ++i) made.push_back(make_worker(i));
    detail::sample_queue queue(count);
    {
        std::vector<std::jthread> others;
        for (std::size_t i = 1; i < workers; ++i)
            others.emplace_back(
                [&queue, count, &worker = made[i]] { detail::work_off(queue, count, worker, [](std::size_t) {}); });
        detail::work_off(queue, count, made[0], progress);
    }
    queue.rethrow_fault();
}

template <class MakeWorker> void for_each_sample(std::size_t count, std::size_t threads, MakeWorker make_worker) {
    for_each_sample(count, threads, make_worker, [](std::size_t) {});
}

} // namespace ctq::inline CTQ_TARGET::host
