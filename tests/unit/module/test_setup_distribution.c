#include "test_setup.h"

#define DEBIAN_12                                                                                  \
    "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n"                  \
    "VERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n"         \
    "HOME_URL=\"https://www.debian.org/\"\n"
#define UBUNTU_22                                                                                  \
    "PRETTY_NAME=\"Ubuntu 22.04.3 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"22.04\"\n"                  \
    "VERSION=\"22.04.3 LTS (Jammy Jellyfish)\"\nVERSION_CODENAME=jammy\nID=ubuntu\n"               \
    "ID_LIKE=debian\nHOME_URL=\"https://www.ubuntu.com/\"\nUBUNTU_CODENAME=jammy\n"

Test(setup_distribution, each)
{
    static const struct {
        struct file files[FILES_MAX];
        const char *name, *version, *major, *release, *family, *variety;
    } rows[] = {
        { { { "/etc/os-release", DEBIAN_12 }, { "/etc/debian_version", "12.4\n" } },
          "Debian",
          "12.4",
          "12",
          "bookworm",
          "Debian",
          "Debian" },
        { { { "/etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux trixie/sid\"\n"
                                 "NAME=\"Debian GNU/Linux\"\nVERSION_CODENAME=trixie\n"
                                 "ID=debian\n" },
            { "/etc/debian_version", "trixie/sid\n" } },
          "Debian",
          "trixie/sid",
          "trixie/sid",
          "trixie",
          "Debian",
          "Debian" },
        { { { "/etc/os-release", UBUNTU_22 },
            { "/etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\n" },
            { "/etc/debian_version", "bookworm/sid\n" } },
          "Ubuntu",
          "22.04",
          "22",
          "jammy",
          "Debian",
          "Debian" },
        { { { "/etc/os-release", "NAME=\"Red Hat Enterprise Linux\"\nVERSION=\"8.5 (Ootpa)\"\n"
                                 "ID=\"rhel\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"8.5\"\n" },
            { "/etc/redhat-release", "Red Hat Enterprise Linux release 8.5 (Ootpa)\n" } },
          "RedHat",
          "8.5",
          "8",
          "Ootpa",
          "RedHat",
          "RedHat" },
        { { { "/etc/os-release", "NAME=\"Rocky Linux\"\nVERSION=\"8.9 (Green Obsidian)\"\n"
                                 "ID=\"rocky\"\nVERSION_ID=\"8.9\"\n" },
            { "/etc/redhat-release", "Rocky Linux release 8.9 (Green Obsidian)\n" } },
          "Rocky",
          "8.9",
          "8",
          "Green Obsidian",
          "RedHat",
          "RedHat" },
        { { { "/etc/os-release", "NAME=\"AlmaLinux\"\nVERSION=\"9.3 (Shamrock Pampas Cat)\"\n"
                                 "ID=\"almalinux\"\nVERSION_ID=\"9.3\"\n" },
            { "/etc/redhat-release", "AlmaLinux release 9.3 (Shamrock Pampas Cat)\n" } },
          "AlmaLinux",
          "9.3",
          "9",
          "Shamrock Pampas Cat",
          "RedHat",
          "RedHat" },
        { { { "/etc/os-release", "NAME=\"CentOS Linux\"\nVERSION=\"7 (Core)\"\nID=\"centos\"\n"
                                 "VERSION_ID=\"7\"\n" },
            { "/etc/centos-release", "CentOS Linux release 7.9.2009 (Core)\n" },
            { "/etc/redhat-release", "CentOS Linux release 7.9.2009 (Core)\n" } },
          "CentOS",
          "7.9",
          "7",
          "Core",
          "RedHat",
          "RedHat" },
        { { { "/etc/os-release", "NAME=\"CentOS Stream\"\nVERSION=\"9\"\nID=\"centos\"\n"
                                 "VERSION_ID=\"9\"\n" },
            { "/etc/centos-release", "CentOS Stream release 9\n" },
            { "/etc/redhat-release", "CentOS Stream release 9\n" } },
          "CentOS",
          "9",
          "9",
          "Stream",
          "RedHat",
          "CentOS" },
        { { { "/etc/redhat-release", "CentOS release 6.10 (Final)\n" } },
          "CentOS",
          "6.10",
          "6",
          "Final",
          "RedHat",
          "RedHat" },
        { { { "/etc/os-release", "NAME=\"Oracle Linux Server\"\nVERSION=\"8.5\"\nID=\"ol\"\n"
                                 "VERSION_ID=\"8.5\"\n" },
            { "/etc/oracle-release", "Oracle Linux Server release 8.5\n" },
            { "/etc/redhat-release", "Red Hat Enterprise Linux release 8.5 (Ootpa)\n" } },
          "OracleLinux",
          "8.5",
          "8",
          "Ootpa",
          "RedHat",
          "OracleLinux" },
        { { { "/etc/os-release", "NAME=\"Fedora Linux\"\nVERSION=\"39 (Server Edition)\"\n"
                                 "ID=fedora\nVERSION_ID=39\nVERSION_CODENAME=\"\"\n" },
            { "/etc/redhat-release", "Fedora release 39 (Thirty Nine)\n" } },
          "Fedora",
          "39",
          "39",
          "",
          "RedHat",
          "RedHat" },
        { { { "/etc/os-release", "NAME=\"Amazon Linux\"\nVERSION=\"2\"\nID=\"amzn\"\n"
                                 "ID_LIKE=\"centos rhel fedora\"\nVERSION_ID=\"2\"\n" },
            { "/etc/system-release", "Amazon Linux release 2 (Karoo)\n" } },
          "Amazon",
          "2",
          "2",
          "Karoo",
          "RedHat",
          "Amazon" },
        { { { "/etc/os-release", "NAME=\"openSUSE Leap\"\nVERSION=\"15.5\"\nID=\"opensuse-leap\"\n"
                                 "ID_LIKE=\"suse opensuse\"\nVERSION_ID=\"15.5\"\n" } },
          "openSUSE Leap",
          "15.5",
          "15",
          "5",
          "Suse",
          "SUSE" },
        { { { "/etc/os-release", "NAME=\"openSUSE Tumbleweed\"\nID=\"opensuse-tumbleweed\"\n"
                                 "ID_LIKE=\"opensuse suse\"\nVERSION_ID=\"20240112\"\n" } },
          "openSUSE Tumbleweed",
          "20240112",
          "20240112",
          "",
          "Suse",
          "SUSE" },
        { { { "/etc/os-release", "NAME=\"SLES\"\nVERSION=\"15-SP4\"\nVERSION_ID=\"15.4\"\n"
                                 "PRETTY_NAME=\"SUSE Linux Enterprise Server 15 SP4\"\n"
                                 "ID=\"sles\"\nID_LIKE=\"suse\"\n" } },
          "SLES",
          "15.4",
          "15",
          "4",
          "Suse",
          "SUSE" },
        { { { "/etc/os-release", "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.18.4\n" },
            { "/etc/alpine-release", "3.18.4\n" } },
          "Alpine",
          "3.18.4",
          "3",
          "NA",
          "Alpine",
          "Alpine" },
        { { { "/etc/os-release", "NAME=\"Kali GNU/Linux\"\nID=kali\nVERSION=\"2023.4\"\n"
                                 "VERSION_ID=\"2023.4\"\nVERSION_CODENAME=kali-rolling\n" } },
          "Kali",
          "2023.4",
          "2023",
          "kali-rolling",
          "Debian",
          "Debian" },
        { { { "/etc/os-release", "NAME=\"Linux Mint\"\nVERSION_ID=\"21.1\"\nID=linuxmint\n"
                                 "PRETTY_NAME=\"Linux Mint 21.1\"\nVERSION_CODENAME=vera\n" } },
          "Linux Mint",
          "21.1",
          "21",
          "vera",
          "Debian",
          "Debian" },
        { { { "/etc/os-release", "NAME=\"OpenWrt\"\nID=\"openwrt\"\nVERSION_ID=\"22.03.5\"\n" },
            { "/etc/openwrt_release", "DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='22.03.5'\n"
                                      "DISTRIB_CODENAME='x'\n" } },
          "OpenWrt",
          "22.03.5",
          "22",
          "x",
          "OpenWrt",
          "OpenWrt" },
        { { { "/etc/os-release", "NAME=NixOS\nID=nixos\nVERSION=\"23.11 (Tapir)\"\n"
                                 "VERSION_ID=\"23.11\"\n" } },
          "NixOS",
          "23.11",
          "23",
          "Tapir",
          "NixOS",
          "NA" },
        { { { "/etc/os-release", "NAME=Gentoo\nID=gentoo\nVERSION_ID=\"2.14\"\n" },
            { "/etc/gentoo-release", "Gentoo Base System release 2.14\n" } },
          "Gentoo",
          "2.14",
          "2",
          "NA",
          "Gentoo",
          "NA" },
        { { { NULL, NULL } }, "OtherLinux", "NA", "NA", "NA", "OtherLinux", NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct host host = host_of(&b, rows[i].files, NULL, KERNEL);
        struct distribution dist = distribution_of(&host);
        EQ_STR(dist.name, str_of(rows[i].name));
        EQ_STR(dist.version, str_of(rows[i].version));
        EQ_STR(dist.major, str_of(rows[i].major));
        EQ_STR(dist.release, str_of(rows[i].release));
        EQ_STR(dist.family, str_of(rows[i].family));
        EQ_STR(dist.variety, str_of(rows[i].variety));
    }
}

Test(setup_distribution, arch)
{
    BENCH(b);
    size_t i = 0;
    const struct file files[FILES_MAX] = {
        { "/etc/os-release", "NAME=\"Arch Linux\"\nID=arch\nBUILD_ID=rolling\n" },
    };
    struct host host = host_of(&b, files, "81a4 12 1 /etc/arch-release\n", KERNEL);
    EQ_STR(fact_of(&b, &host, facts_distribution, NULL),
           S("{\"distribution\": \"Archlinux\", \"distribution_version\": \"NA\", "
             "\"distribution_release\": \"NA\", \"distribution_major_version\": \"NA\", "
             "\"distribution_file_path\": \"/etc/arch-release\", "
             "\"distribution_file_variety\": \"Archlinux\", \"os_family\": \"Archlinux\"}"));
    host = host_of(&b, files, NULL, KERNEL);
    EQ_STR(fact_of(&b, &host, facts_distribution, "distribution_file_path"),
           S("\"/etc/os-release\""));
    EQ_STR(fact_of(&b, &host, facts_distribution, "os_family"), S("\"Archlinux\""));
}

Test(setup_distribution, minor_version)
{
    BENCH(b);
    size_t i = 0;
    const struct file debian[FILES_MAX] = { { "/etc/os-release", DEBIAN_12 },
                                            { "/etc/debian_version", "12.11\n" } };
    const struct file amazon[FILES_MAX] = { { "/etc/os-release",
                                              "NAME=\"Amazon Linux\"\nVERSION_ID=\"2018.03\"\n" } };
    struct host host = host_of(&b, debian, NULL, KERNEL);
    EQ_STR(fact_of(&b, &host, facts_distribution, "distribution_minor_version"), S("\"11\""));
    host = host_of(&b, amazon, NULL, KERNEL);
    EQ_STR(fact_of(&b, &host, facts_distribution, "distribution_minor_version"), S("\"03\""));
}

/* Another system than Linux is its own distribution. */
Test(setup_distribution, other_systems)
{
    BENCH(b);
    size_t i = 0;
    const struct file none[FILES_MAX] = { { NULL, NULL } };
    struct host host = host_of(&b, none, NULL, "FreeBSD f1 13.2-RELEASE amd64");
    EQ_STR(fact_of(&b, &host, facts_distribution, NULL),
           S("{\"distribution\": \"FreeBSD\", \"distribution_release\": \"13.2-RELEASE\", "
             "\"os_family\": \"FreeBSD\"}"));
}

Test(setup_distribution, lsb)
{
    static const struct {
        struct file files[FILES_MAX];
        const char *program;
        const char *want;
    } rows[] = {
        { { { "/etc/os-release", DEBIAN_12 } },
          "/usr/bin/lsb_release",
          "{\"id\": \"Debian\", \"description\": \"Debian GNU/Linux 12 (bookworm)\", "
          "\"release\": \"12\", \"codename\": \"bookworm\", \"major_release\": \"12\"}" },
        { { { "/etc/os-release", DEBIAN_12 } }, NULL, "{}" },
        { { { "/etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\n"
                                  "DISTRIB_CODENAME=jammy\n"
                                  "DISTRIB_DESCRIPTION=\"Ubuntu 22.04.3 LTS\"\n" } },
          NULL,
          "{\"id\": \"Ubuntu\", \"description\": \"Ubuntu 22.04.3 LTS\", "
          "\"release\": \"22.04\", \"codename\": \"jammy\", \"major_release\": \"22\"}" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct host host = host_of(&b, rows[i].files, NULL, KERNEL);
        host.lsb_release = str_of(rows[i].program);
        EQ_STR(fact_of(&b, &host, facts_lsb, "lsb"), str_of(rows[i].want));
    }
}
