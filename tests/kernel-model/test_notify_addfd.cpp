// ADDFD: what the supervisor asks for, what the trapped task makes of it, and who learns what when either
// goes away.
#include "tests/kernel-model/notify_stage.hpp"

#include <catch2/catch.hpp>

#include <cerrno>

using namespace seccomp_sim;

namespace {

constexpr int usr1 = 10;

/// The worker has an fd table of its own here.
struct addfd_stage : notify_stage {
    explicit addfd_stage(std::string_view preset) : notify_stage(preset) {
        target = worker();
        request r;
        r.op = operation::unshare_files;
        ask(target, r);
        r.op = operation::open;
        r.as = name("secret");
        ask(init, r);
    }

    request addfd(std::uint32_t flags = 0, std::int32_t number = -1) {
        request r = listener_ioctl(operation::addfd);
        r.source = name("secret");
        r.as = name("gift");
        r.flags = flags;
        r.number = number;
        return r;
    }
    const fd_slot* gift(task_id who) {
        const files_id table = k.w.tasks[who].files;
        for (const fd_slot& slot : k.w.fd_tables[table].slots)
            if (slot.name == name("gift"))
                return &slot;
        return nullptr;
    }

    task_id target;
};

} // namespace

TEST_CASE("ADDFD puts a file into the target's table", "[notify]") {
    const std::string preset = GENERATE("v5.9", "v6.2", "v6.11", "v6.15");
    CAPTURE(preset);
    addfd_stage s(preset);
    s.trap(s.target);
    REQUIRE(s.receive(s.init) == 0);

    SECTION("at the lowest number that is free") {
        request r = s.addfd();
        r.value = 1;
        const auto fd = s.result_of(s.init, r);
        REQUIRE(fd >= 3);
        REQUIRE(s.gift(s.target) != nullptr);
        CHECK(s.gift(s.target)->fd == fd);
        CHECK(s.gift(s.target)->cloexec == 1);
        CHECK_FALSE(s.result(s.target));
        CHECK(s.reply(s.init, 9) == 0);
        CHECK(s.result(s.target) == 9);
    }
    SECTION("at the number asked for, in place of what was there") {
        REQUIRE(s.result_of(s.init, s.addfd(addfd_flag::setfd, 20)) == 20);
        REQUIRE(s.result_of(s.init, s.addfd(addfd_flag::setfd, 20)) == 20);
        CHECK(s.gift(s.target)->fd == 20);
        CHECK(s.k.w.open_files[s.gift(s.target)->file].refs == 2);
        CHECK(s.result_of(s.init, s.addfd(addfd_flag::setfd, 1024)) == -EBADF);
    }
    SECTION("up to its limit") {
        s.k.group_of(s.target).limit_nofile = 3;
        CHECK(s.result_of(s.init, s.addfd()) == -EMFILE);
        CHECK_FALSE(s.result(s.target));
        CHECK(s.reply(s.init, 9) == 0);
    }
    SECTION("and nowhere for what is wrong") {
        CHECK(s.result_of(s.init, s.addfd(4)) == -EINVAL);
        CHECK(s.result_of(s.init, s.addfd(0, 20)) == -EINVAL);
        request r = s.addfd();
        r.value = 2;
        CHECK(s.result_of(s.init, r) == -EINVAL);
        r = s.addfd();
        r.source = s.name("nothing");
        CHECK(s.result_of(s.init, r) == -EBADF);
        r = s.addfd();
        r.cookie = 77;
        CHECK(s.result_of(s.init, r) == -ENOENT);
        r = s.addfd();
        r.fails = fault::bad_pointer;
        CHECK(s.result_of(s.init, r) == -EFAULT);
    }
    CHECK(s.k.w.kaddfds.count() == 0);
    CHECK(s.k.violations.empty());
}

TEST_CASE("ADDFD with SEND", "[notify]") {
    const std::string preset = GENERATE("v5.9", "v6.2", "v6.15");
    CAPTURE(preset);
    addfd_stage s(preset);
    s.trap(s.target);
    REQUIRE(s.receive(s.init) == 0);
    if (preset == "v5.9") {
        CHECK(s.result_of(s.init, s.addfd(addfd_flag::send)) == -EINVAL);
        return;
    }
    SECTION("is the reply") {
        const auto fd = s.result_of(s.init, s.addfd(addfd_flag::send));
        REQUIRE(fd >= 3);
        CHECK(s.result(s.target) == fd);
        CHECK(s.reply(s.init, 9) == -ENOENT);
    }
    SECTION("that fails leaves the call to be answered") {
        s.k.group_of(s.target).limit_nofile = 3;
        CHECK(s.result_of(s.init, s.addfd(addfd_flag::send)) == -EMFILE);
        CHECK_FALSE(s.result(s.target));
        CHECK(s.id_valid(s.init) == 0);
        CHECK(s.reply(s.init, 9) == 0);
        CHECK(s.result(s.target) == 9);
    }
    CHECK(s.k.violations.empty());
}

TEST_CASE("ADDFD before it existed", "[notify]") {
    addfd_stage s(GENERATE("v5.0", "patch-v2"));
    s.trap(s.target);
    REQUIRE(s.receive(s.init) == 0);
    CHECK(s.result_of(s.init, s.addfd()) == -EINVAL);
}

TEST_CASE("ADDFD for a call that is not waiting for it", "[notify]") {
    addfd_stage s("v6.15");
    s.trap(s.target);
    request r = s.addfd();
    r.cookie = 1;
    CHECK(s.result_of(s.init, r) == -EINPROGRESS); // not received yet
    REQUIRE(s.receive(s.init) == 0);
    s.handle(s.target, usr1, false);
    s.signal(s.target, usr1);
    CHECK(s.result_of(s.init, r) == -ENOENT);
    CHECK(s.k.violations.empty());
}
