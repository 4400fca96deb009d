#include "test_setup.h"

#define X86(n, id, core)                                                                           \
    "processor\t: " n "\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\nphysical id\t: " id        \
    "\nsiblings\t: 4\ncore id\t\t: " core "\ncpu cores\t: 2\nflags\t\t: fpu vme\n\n"

Test(setup_hardware, processors)
{
    static const struct {
        const char *kernel, *cpuinfo;
        const char *list, *count, *cores, *threads, *vcpus, *nproc;
    } rows[] = {
        { KERNEL, X86("0", "0", "0") X86("1", "0", "1") X86("2", "1", "0") X86("3", "1", "1"),
          "[\"0\", \"GenuineIntel\", \"Xeon\", \"1\", \"GenuineIntel\", \"Xeon\", \"2\", "
          "\"GenuineIntel\", \"Xeon\", \"3\", \"GenuineIntel\", \"Xeon\"]",
          "2", "2", "2", "8", "4" },
        { KERNEL, "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD\n\n",
          "[\"0\", \"AuthenticAMD\", \"AMD\"]", "1", "1", "1", "1", "1" },
        { "Linux pi 6.1 aarch64",
          "processor\t: 0\nBogoMIPS\t: 108.00\nCPU part\t: 0xd08\n\nprocessor\t: 1\n"
          "BogoMIPS\t: 108.00\n\nHardware\t: BCM2835\nModel\t: Raspberry Pi 4\n",
          "[\"0\", \"1\"]", "2", "1", "1", "2", "2" },
        { "Linux pi 4.19 armv7l",
          "processor\t: 0\nmodel name\t: ARMv7 Processor rev 3 (v7l)\n\nprocessor\t: 1\n"
          "model name\t: ARMv7 Processor rev 3 (v7l)\n\n",
          "[\"0\", \"ARMv7 Processor rev 3 (v7l)\", \"1\", \"ARMv7 Processor rev 3 (v7l)\"]", "2",
          "1", "1", "2", "2" },
        { "Linux p 5.14 ppc64le",
          "processor\t: 0\ncpu\t\t: POWER9\n\nprocessor\t: 1\ncpu\t\t: POWER9\n\n",
          "[\"0\", \"POWER9\", \"1\", \"POWER9\"]", "2", "1", "1", "2", "2" },
        { "Linux s 5.14 s390x", "vendor_id       : IBM/S390\n# processors    : 2\n",
          "[\"IBM/S390\"]", "", "2", "", "", "" },
        { KERNEL,
          "cpu cores: 0\ncpu cores: 9223372036854775807\nsiblings: -3\nphysical "
          "id\n:\nprocessor:\n",
          "[\"\"]", "1", "1", "1", "1", "1" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        const struct file files[FILES_MAX] = { { "/proc/cpuinfo", rows[i].cpuinfo } };
        struct host host = host_of(&b, files, NULL, rows[i].kernel);
        EQ_STR(fact_of(&b, &host, facts_hardware, "processor"), str_of(rows[i].list));
        EQ_STR(fact_of(&b, &host, facts_hardware, "processor_count"), str_of(rows[i].count));
        EQ_STR(fact_of(&b, &host, facts_hardware, "processor_cores"), str_of(rows[i].cores));
        EQ_STR(fact_of(&b, &host, facts_hardware, "processor_threads_per_core"),
               str_of(rows[i].threads));
        EQ_STR(fact_of(&b, &host, facts_hardware, "processor_vcpus"), str_of(rows[i].vcpus));
        EQ_STR(fact_of(&b, &host, facts_hardware, "processor_nproc"), str_of(rows[i].nproc));
    }
}

Test(setup_hardware, allowed_processors)
{
    static const struct {
        const char *list, *want;
    } rows[] = {
        { "0-3", "4" },           { "1", "1" },   { "0,2-3,8", "4" },
        { "0-99999999999", "1" }, { "3-1", "1" }, { "nonsense", "1" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        str status = str_format(b.arena, "Name:\tgrep\nCpus_allowed_list:\t%s\n", rows[i].list);
        const struct file files[FILES_MAX] = {
            { "/proc/cpuinfo", "processor: 0\n" },
            { "/proc/self/status", str_c(b.arena, status) },
        };
        struct host host = host_of(&b, files, NULL, KERNEL);
        EQ_STR(fact_of(&b, &host, facts_hardware, "processor_nproc"), str_of(rows[i].want));
    }
}

Test(setup_hardware, memory)
{
    BENCH(b);
    size_t i = 0;
    const struct file files[FILES_MAX] = {
        { "/proc/meminfo", "MemTotal:       2048000 kB\nMemFree:        1024000 kB\n"
                           "Buffers:          10240 kB\nCached:          102400 kB\n"
                           "SwapCached:            0 kB\nSwapTotal:       204800 kB\n"
                           "SwapFree:        102400 kB\n" },
        { "/proc/uptime", "5031.57 9000.10\n" },
    };
    struct host host = host_of(&b, files, NULL, KERNEL);
    EQ_STR(fact_of(&b, &host, facts_hardware, "memtotal_mb"), S("2000"));
    EQ_STR(fact_of(&b, &host, facts_hardware, "swapfree_mb"), S("100"));
    EQ_STR(fact_of(&b, &host, facts_hardware, "memory_mb"),
           S("{\"real\": {\"total\": 2000, \"used\": 1000, \"free\": 1000}, "
             "\"nocache\": {\"free\": 1110, \"used\": 890}, "
             "\"swap\": {\"total\": 200, \"free\": 100, \"used\": 100, \"cached\": 0}}"));
    EQ_STR(fact_of(&b, &host, facts_hardware, "uptime_seconds"), S("5031"));
    const struct file less[FILES_MAX] = { { "/proc/meminfo", "MemTotal: 2048 kB\nMemFree: x\n" } };
    host = host_of(&b, less, NULL, KERNEL);
    EQ_STR(fact_of(&b, &host, facts_hardware, "memfree_mb"), S(""));
    EQ_STR(fact_of(&b, &host, facts_hardware, "memory_mb"),
           S("{\"real\": {\"total\": 2, \"used\": null, \"free\": null}, "
             "\"nocache\": {\"free\": null, \"used\": null}, "
             "\"swap\": {\"total\": null, \"free\": null, \"used\": null, \"cached\": null}}"));
}

Test(setup_hardware, firmware)
{
    static const struct {
        const char *chassis, *want;
    } rows[] = {
        { "1", "\"Other\"" },         { "23", "\"Rack Mount Chassis\"" },
        { "99", "\"unknown (99)\"" }, { "-1", "\"unknown (-1)\"" },
        { "x", "\"unknown (x)\"" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        const struct file files[FILES_MAX] = {
            { "/sys/devices/virtual/dmi/id/chassis_type", rows[i].chassis },
            { "/sys/devices/virtual/dmi/id/sys_vendor", "QEMU\n" },
        };
        struct host host = host_of(&b, files, NULL, KERNEL);
        EQ_STR(fact_of(&b, &host, facts_hardware, "form_factor"), str_of(rows[i].want));
        EQ_STR(fact_of(&b, &host, facts_hardware, "system_vendor"), S("\"QEMU\""));
        EQ_STR(fact_of(&b, &host, facts_hardware, "product_serial"), S("\"NA\""));
    }
}

/* ---- devices ---- */

static const char disk_paths[] =
    "a1ff 1 2 /sys/block/sda -> ../devices/pci0000:00/0000:00:05.0/ata1/block/sda\n"
    "a1ff 1 2 /sys/block/dm-0 -> ../devices/virtual/block/dm-0\n"
    "a1ff 1 2 /sys/block/dm-0/slaves/sda2 -> ../../../../x/sda2\n"
    "a1ff 1 2 /sys/block/sda/sda2/holders/dm-0 -> ../../../../x/dm-0\n"
    "8124 1 2 /sys/block/sda/sda1/partition\n"
    "8124 1 2 /sys/block/sda/sda2/partition\n"
    "a1ff 1 2 /dev/disk/by-id/wwn-0x5000 -> ../../sda\n"
    "a1ff 1 2 /dev/disk/by-id/ata-DISK -> ../../sda\n"
    "a1ff 1 2 /dev/disk/by-uuid/aaaa-bbbb -> ../../sda1\n"
    "a1ff 1 2 /dev/mapper/vg-root -> ../dm-0\n"
    "a1ff 1 2 /dev/disk/by-uuid/cccc -> ../../dm-0\n";

Test(setup_hardware, devices)
{
    BENCH(b);
    size_t i = 0;
    const struct file files[FILES_MAX] = {
        { "/sys/block/sda/size", "536870912\n" },
        { "/sys/block/sda/sda1/size", "2048\n" },
        { "/sys/block/sda/sda1/start", "64\n" },
        { "/sys/block/dm-0/dm/name", "vg-root\n" },
        { "/sys/block/sda/queue/scheduler", "none [mq-deadline] kyber\n" },
        { "/sys/block/sda/device/model", "DISK   \n" },
    };
    struct host host = host_of(&b, files, disk_paths, KERNEL);
    value devices = from_yaml(&b, fact_of(&b, &host, facts_devices, "devices"));
    EQ_STR(to_json(&b, value_get(devices, S("sda"))),
           S("{\"virtual\": 1, \"links\": {\"ids\": [\"wwn-0x5000\", \"ata-DISK\"], \"uuids\": [], "
             "\"labels\": [], \"masters\": []}, \"vendor\": null, \"model\": \"DISK\", "
             "\"sas_address\": null, \"sas_device_handle\": null, \"removable\": null, "
             "\"support_discard\": null, \"rotational\": null, \"wwn\": \"0x5000\", "
             "\"partitions\": {\"sda1\": {\"links\": {\"ids\": [], \"uuids\": [\"aaaa-bbbb\"], "
             "\"labels\": [], \"masters\": []}, \"start\": \"64\", \"sectors\": \"2048\", "
             "\"sectorsize\": 512, \"size\": \"1.00 MB\", \"uuid\": \"aaaa-bbbb\", "
             "\"holders\": []}, \"sda2\": {\"links\": {\"ids\": [], \"uuids\": [], "
             "\"labels\": [], \"masters\": [\"dm-0\"]}, \"start\": 0, \"sectors\": 0, "
             "\"sectorsize\": 512, \"size\": \"0.00 Bytes\", \"uuid\": null, "
             "\"holders\": [\"vg-root\"]}}, \"scheduler_mode\": \"mq-deadline\", "
             "\"sectors\": \"536870912\", \"sectorsize\": 512, \"size\": \"256.00 GB\", "
             "\"host\": \"\", \"holders\": []}"));
    EQ_STR(fact_of(&b, &host, facts_devices, "device_links"),
           S("{\"ids\": {\"sda\": [\"wwn-0x5000\", \"ata-DISK\"]}, "
             "\"uuids\": {\"sda1\": [\"aaaa-bbbb\"], \"dm-0\": [\"cccc\"]}, \"labels\": {}, "
             "\"masters\": {\"sda2\": [\"dm-0\"]}}"));
}

/* ---- volumes ---- */

Test(setup_hardware, volumes)
{
    BENCH(b);
    size_t i = 0;
    const struct file files[FILES_MAX] = { { "/sys/block/dm-3/dm/name", "crypt\n" } };
    struct host host = host_of(&b, files, NULL, KERNEL);
    EQ_STR(fact_of(&b, &host, facts_lvm, "lvm"), S("\"N/A\""));
    host.vgs = S("/sbin/vgs");
    host.run.vgs.out = S("  vg0,1,2,0,wz--n-,99.00,9.00\n  short,1\n");
    host.run.lvs.out = S("  root,vg0,-wi-ao----,80.00,,,,,,,,\n");
    host.run.pvs.out = S("  /dev/dm-3,vg0,lvm2,a--,99.00,9.00\n  /dev/sdb,,lvm2,---,5.00,5.00\n");
    EQ_STR(fact_of(&b, &host, facts_lvm, "lvm"),
           S("{\"vgs\": {\"vg0\": {\"size_g\": \"99.00\", \"free_g\": \"9.00\", "
             "\"num_lvs\": \"2\", \"num_pvs\": \"1\"}}, "
             "\"lvs\": {\"root\": {\"size_g\": \"80.00\", \"vg\": \"vg0\"}}, "
             "\"pvs\": {\"/dev/mapper/crypt\": {\"size_g\": \"99.00\", \"free_g\": \"9.00\", "
             "\"vg\": \"vg0\"}, \"/dev/sdb\": {\"size_g\": \"5.00\", \"free_g\": \"5.00\", "
             "\"vg\": \"\"}}}"));
    host.login.uid = 1000;
    EQ_STR(fact_of(&b, &host, facts_lvm, "lvm"), S("\"N/A\""));
}

/* ---- mounts ---- */

Test(setup_hardware, mounts)
{
    BENCH(b);
    size_t i = 0;
    const struct file files[FILES_MAX] = {
        { "/proc/mounts", "/dev/mapper/vg-root / ext4 rw,relatime 0 0\n"
                          "proc /proc proc rw 0 0\n"
                          "tmpfs /run tmpfs rw 0 0\n"
                          "/dev/sda1 /with\\040space ext4 rw 0 0\n"
                          "/dev/sda1 /srv ext4 ro 0 0\n"
                          "nas:/export /nas nfs4 rw 0 0\n"
                          "broken\n/dev/x\n" },
        { "/proc/self/mountinfo", "20 1 254:0 / / rw - ext4 /dev/mapper/vg-root rw\n"
                                  "21 20 8:1 /data /srv rw - ext4 /dev/sda1 rw\n" },
    };
    struct host host = host_of(&b, files, disk_paths, KERNEL);
    host.run.sizes.out = S("4096 4096 1000 400 100 90 /\n"
                           "4096 4096 10 4 10 9 /with space\nnonsense\n1 2 3\n");
    struct mount_points points = mount_points(&host);
    cr_assert_eq(points.local.len, 3);
    cr_assert_eq(points.remote.len, 1);
    EQ_STR(points.local.items[1], S("/with space"));
    EQ_STR(points.remote.items[0], S("/nas"));
    value mounts = from_yaml(&b, fact_of(&b, &host, facts_mounts, "mounts"));
    static const char *const want[] = {
        "{\"mount\": \"/\", \"device\": \"/dev/mapper/vg-root\", \"fstype\": \"ext4\", "
        "\"options\": \"rw,relatime\", \"size_total\": 4096000, \"size_available\": 1638400, "
        "\"block_size\": 4096, \"block_total\": 1000, \"block_available\": 400, "
        "\"block_used\": 600, \"inode_total\": 100, \"inode_available\": 90, "
        "\"inode_used\": 10, \"uuid\": \"cccc\"}",
        "{\"mount\": \"/with space\", \"device\": \"/dev/sda1\", \"fstype\": \"ext4\", "
        "\"options\": \"rw\", \"size_total\": 40960, \"size_available\": 16384, "
        "\"block_size\": 4096, \"block_total\": 10, \"block_available\": 4, "
        "\"block_used\": 6, \"inode_total\": 10, \"inode_available\": 9, "
        "\"inode_used\": 1, \"uuid\": \"aaaa-bbbb\"}",
        "{\"mount\": \"/srv\", \"device\": \"/dev/sda1\", \"fstype\": \"ext4\", "
        "\"options\": \"ro,bind\", \"uuid\": \"aaaa-bbbb\"}",
        "{\"mount\": \"/nas\", \"device\": \"nas:/export\", \"fstype\": \"nfs4\", "
        "\"options\": \"rw\", \"uuid\": \"N/A\"}",
    };
    cr_assert_eq(value_count(mounts), ARRAY_LEN(want));
    for (i = 0; i < ARRAY_LEN(want); i++) {
        EQ_STR(to_json(&b, value_item(mounts, i)), str_of(want[i]));
    }
}
