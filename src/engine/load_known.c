/*
 * load_known.c - names that Ansible knows, so that a slip of the pen can be told from a module that
 * hostler does not have.
 *
 * A short name of a module that moved to a collection ("ufw") means the one there. Families whose
 * modules manage no Unix host (clouds, network devices, Windows) are known by their first word.
 *
 * Source: the documentation's index of modules of ansible-core 2.14 to 2.18 and of Ansible 7.
 */
#include "engine/load.h"

static const struct short_names {
    const char *collection;
    const char *names;
} short_names[] = {
    { "amazon.aws", "cloudformation cloudformation_facts cloudformation_info ec2" },
    { "ansible.netcommon",
      "cli_command cli_config netconf netconf_config netconf_get netconf_rpc network "
      "restconf_config restconf_get telnet" },
    { "ansible.posix",
      "acl at authorized_key firewalld mount patch seboolean selinux synchronize sysctl" },
    { "arista.eos", "eos" },
    { "cisco.asa", "asa" },
    { "cisco.intersight", "intersight_facts intersight_info intersight_rest_api" },
    { "cisco.ios", "ios" },
    { "cisco.iosxr", "iosxr" },
    { "cisco.nxos", "nxos" },
    { "community.aws",
      "cloudformation_exports_info cloudformation_stack_set cloudtrail cloudwatchevent_rule "
      "data_pipeline dms_endpoint dms_replication_subnet_group dynamodb_table dynamodb_ttl efs "
      "efs_facts efs_info elasticache execute_lambda iam kinesis_stream lambda lightsail rds "
      "redshift route53 sns sns_topic sqs_queue sts_assume_role sts_session_token" },
    { "community.crypto",
      "acme_account acme_account_facts acme_account_info acme_certificate "
      "acme_certificate_revoke acme_challenge_cert_helper acme_inspect "
      "certificate_complete_chain ecs_certificate ecs_domain get_certificate luks_device "
      "openssh_cert openssh_keypair openssl_certificate openssl_certificate_info openssl_csr "
      "openssl_csr_info openssl_dhparam openssl_pkcs12 openssl_privatekey "
      "openssl_privatekey_info openssl_publickey x509_crl x509_crl_info" },
    { "community.docker",
      "docker_compose docker_config docker_container docker_container_info docker_host_info "
      "docker_image docker_image_info docker_login docker_network docker_network_info "
      "docker_node docker_node_info docker_prune docker_secret docker_stack docker_swarm "
      "docker_swarm_info docker_swarm_service docker_swarm_service_info docker_volume "
      "docker_volume_info" },
    { "community.fortios", "faz_device" },
    { "community.general",
      "aerospike_migrations airbrake_deployment aix_devices aix_filesystem aix_inittab aix_lvg "
      "aix_lvol ali_instance ali_instance_facts ali_instance_info alternatives "
      "apache2_mod_proxy apache2_module apk apt_repo apt_rpm archive atomic_container "
      "atomic_host atomic_image awall beadm bearychat bigpanda bitbucket_access_key "
      "bitbucket_pipeline_key_pair bitbucket_pipeline_known_host bitbucket_pipeline_variable "
      "bower bundler bzr campfire capabilities catapult circonus_annotation cisco_spark "
      "cloud_init_data_facts cloudflare_dns cobbler_sync cobbler_system composer consul "
      "consul_acl consul_kv consul_session cpanm cronvar crypttab datadog_event "
      "datadog_monitor dconf deploy_helper dimensiondata_network dimensiondata_vlan "
      "django_manage dnsimple dnsmadeeasy docker_image_facts docker_service easy_install "
      "ejabberd_user elasticsearch_plugin emc_vnx_sg_member etcd3 facter filesystem flatpak "
      "flatpak_remote flowdock foreman gcdns_record gcdns_zone gce gconftool2 gcpubsub_facts "
      "gcspanner gem git_config github_deploy_key github_hooks github_issue github_key "
      "github_release github_webhook github_webhook_facts github_webhook_info "
      "gitlab_deploy_key gitlab_group gitlab_hook gitlab_hooks gitlab_project "
      "gitlab_project_variable gitlab_runner gitlab_user grove gunicorn haproxy helm "
      "heroku_collaborator hg hipchat homebrew homebrew_cask homebrew_tap "
      "honeybadger_deployment hpilo_boot hpilo_facts hpilo_info hponcfg htpasswd "
      "icinga2_feature icinga2_host imc_rest imgadm infinity influxdb_database influxdb_query "
      "influxdb_retention_policy influxdb_user influxdb_write ini_file installp "
      "interfaces_file ip_netns ipify_facts ipinfoio_facts ipmi_boot ipmi_power ipwcli_dns irc "
      "iso_extract jabber java_cert java_keystore jboss jenkins_job jenkins_job_facts "
      "jenkins_job_info jenkins_plugin jenkins_script jira katello kernel_blacklist "
      "keycloak_client keycloak_clienttemplate keycloak_group kibana_plugin layman lbu "
      "ldap_attr ldap_attrs ldap_entry ldap_passwd librato_annotation linode linode_v4 "
      "listen_ports_facts lldp locale_gen logentries logentries_msg logicmonitor "
      "logicmonitor_facts logstash_plugin lvg lvol lxc_container lxca_cmms lxca_nodes "
      "lxd_container lxd_profile macports mail make mas matrix mattermost maven_artifact "
      "mksysb modprobe monit mqtt mssql_db nagios netcup_dns newrelic_deployment nexmo "
      "nginx_status_facts nginx_status_info nictagadm nmcli nosh npm nsupdate oci_vcn "
      "office_365_connector_card ohai omapi_host one_host one_image one_image_facts "
      "one_image_info one_service one_vm onepassword_facts onepassword_info "
      "online_server_facts online_server_info online_user_facts online_user_info open_iscsi "
      "openbsd_pkg opendj_backendprop openwrt_init opkg osx_defaults osx_say ovh_ip_failover "
      "ovh_ip_loadbalancing_backend ovh_monthly_billing ovirt pacemaker_cluster packet_device "
      "packet_ip_subnet packet_project packet_sshkey packet_volume packet_volume_attachment "
      "pacman pagerduty pagerduty_alert pam_limits pamd parted pear pids pingdom "
      "pip_package_info pkg5 pkg5_publisher pkgin pkgng pkgutil portage portinstall "
      "profitbricks proxmox proxmox_kvm proxmox_template pubnub_blocks pulp_repo puppet "
      "pushbullet pushover python_requirements_facts python_requirements_info rax read_csv "
      "redfish_command redfish_config redfish_facts redfish_info redhat_subscription redis "
      "rhevm rhn_channel rhn_register rhsm_release rhsm_repository riak rocketchat "
      "rollbar_deployment rundeck_acl_policy rundeck_project runit say sefcontext "
      "selinux_permissive selogin sendgrid sensu_check sensu_client sensu_handler "
      "sensu_silence sensu_subscription seport serverless sl_vm slack slackpkg "
      "smartos_image_facts smartos_image_info snap snmp_facts solaris_zone sorcery "
      "spectrum_device spotinst_aws_elastigroup ss_3par_cpg stackdriver stacki_host "
      "statusio_maintenance supervisorctl svc svr4pkg swdepot swupd syslogger syspatch "
      "taiga_issue telegram terraform timezone twilio typetalk ufw uptimerobot urpmi vdo "
      "vertica_configuration vertica_facts vertica_info vertica_role vertica_schema "
      "vertica_user vexata_eg vexata_volume vmadm wakeonlan xattr xbps xfconf xfs_quota xml "
      "yarn zfs zfs_delegate_admin zfs_facts znode zpool_facts zypper zypper_repository" },
    { "community.google", "gc_storage gcpubsub gcpubsub_info" },
    { "community.grafana", "grafana_dashboard grafana_datasource grafana_plugin" },
    { "community.libvirt", "virt virt_net virt_pool" },
    { "community.mongodb",
      "mongodb_info mongodb_parameter mongodb_replicaset mongodb_shard mongodb_user" },
    { "community.mysql",
      "mysql_db mysql_info mysql_query mysql_replication mysql_user mysql_variables" },
    { "community.network",
      "aireos aireos_command aireos_config apconos_command aruba aruba_command aruba_config "
      "bcf_switch bigmon_chain bigmon_policy ce cnos cv_server_provision edgeos_command "
      "edgeos_config edgeos_facts edgeswitch_facts edgeswitch_vlan enos enos_command "
      "enos_config enos_facts eric_eccli_command exos flowadm iap_start_workflow iap_token "
      "ig_config ig_unit_information ironware ironware_command ironware_config ironware_facts "
      "nclu netact_cm_command nos_command nos_config nos_facts nuage_vspk opx_cps "
      "ordnance_config ordnance_facts slxos sros sros_command sros_config sros_rollback "
      "vdirect_commit vdirect_file vdirect_runnable voss voss_command voss_config voss_facts" },
    { "community.postgresql",
      "postgresql_copy postgresql_db postgresql_ext postgresql_idx postgresql_info "
      "postgresql_lang postgresql_membership postgresql_owner postgresql_pg_hba "
      "postgresql_ping postgresql_privs postgresql_publication postgresql_query "
      "postgresql_schema postgresql_sequence postgresql_set postgresql_slot "
      "postgresql_subscription postgresql_table postgresql_tablespace postgresql_user "
      "postgresql_user_obj_stat_info" },
    { "community.proxysql",
      "proxysql_backend_servers proxysql_global_variables proxysql_manage_config "
      "proxysql_mysql_users proxysql_query_rules proxysql_replication_hostgroups "
      "proxysql_scheduler" },
    { "community.rabbitmq",
      "rabbitmq_binding rabbitmq_exchange rabbitmq_global_parameter rabbitmq_parameter "
      "rabbitmq_plugin rabbitmq_policy rabbitmq_publish rabbitmq_queue rabbitmq_user "
      "rabbitmq_vhost rabbitmq_vhost_limits" },
    { "community.routeros", "routeros_command routeros_facts" },
    { "community.skydive", "skydive_capture skydive_edge skydive_node" },
    { "community.vmware", "vca_fw vca_nat vca_vapp vsphere_copy vsphere_file" },
    { "community.windows", "psexec" },
    { "community.zabbix",
      "zabbix_action zabbix_group zabbix_group_facts zabbix_group_info zabbix_host "
      "zabbix_host_events_info zabbix_host_facts zabbix_host_info zabbix_hostmacro "
      "zabbix_maintenance zabbix_map zabbix_mediatype zabbix_proxy zabbix_screen "
      "zabbix_service zabbix_template zabbix_template_info zabbix_user zabbix_user_info "
      "zabbix_valuemap" },
    { "containers.podman",
      "podman_container_info podman_image podman_image_info podman_volume_info" },
    { "cyberark.pas", "cyberark_authentication cyberark_user" },
    { "dellemc.openmanage", "ome_device_info" },
    { "dellemc.os10", "dellos10 dellos10_command dellos10_config dellos10_facts" },
    { "dellemc.os6", "dellos6 dellos6_command dellos6_config dellos6_facts" },
    { "dellemc.os9", "dellos9 dellos9_command dellos9_config dellos9_facts" },
    { "f5networks.f5_modules", "bigip bigiq" },
    { "frr.frr", "frr_bgp frr_facts" },
    { "gluster.gluster", "gluster_heal_facts gluster_heal_info gluster_peer gluster_volume" },
    { "junipernetworks.junos", "junos" },
    { "kubernetes.core",
      "k8s k8s_auth k8s_facts k8s_info k8s_raw k8s_scale k8s_service openshift_raw "
      "openshift_scale" },
    { "ngine_io.exoscale", "exo_dns_domain exo_dns_record" },
    { "openvswitch.openvswitch", "openvswitch_bridge openvswitch_db openvswitch_port" },
    { "servicenow.servicenow", "snow_record snow_record_find" },
    { "vyos.vyos", "vyos" },
};

static const struct short_names families[] = {
    { "ansible.netcommon", "net_" },
    { "arista.eos", "eos_" },
    { "awx.awx", "tower_" },
    { "azure.azcollection", "azure_" },
    { "check_point.mgmt", "checkpoint_ cp_" },
    { "cisco.aci", "aci_" },
    { "cisco.asa", "asa_" },
    { "cisco.ios", "ios_" },
    { "cisco.iosxr", "iosxr_" },
    { "cisco.meraki", "meraki_" },
    { "cisco.mso", "mso_" },
    { "cisco.nso", "nso_" },
    { "cisco.nxos", "nxos_" },
    { "cisco.ucs", "ucs_" },
    { "cloudscale_ch.cloud", "cloudscale_" },
    { "community.aws",
      "aws_ cloudfront_ cloudwatchlogs_ ec2_ ecs_ elasticache_ elb_ iam_ lambda_ rds_ "
      "redshift_ route53_ s3_" },
    { "community.digitalocean", "digital_" },
    { "community.fortios", "fmgr_" },
    { "community.general",
      "clc_ hwc_ ibm_ idrac_ ipa_ manageiq_ memset_ nios_ oneandone_ oneview_ profitbricks_ "
      "rax_ scaleway_ sf_ udm_ utm_ webfaction_ xenserver_" },
    { "community.google", "gce_" },
    { "community.hrobot", "hetzner_" },
    { "community.kubevirt", "kubevirt_" },
    { "community.network",
      "a10_ avi_ ce_ cnos_ dladm_ exos_ ftd_ icx_ ipadm_ netscaler_ panos_ pn_ slxos_" },
    { "community.vmware", "vcenter_ vmware_" },
    { "community.windows", "win_" },
    { "f5networks.f5_modules", "bigip_ bigiq_" },
    { "fortinet.fortios", "fortios_" },
    { "google.cloud", "gcp_" },
    { "hetzner.hcloud", "hcloud_" },
    { "infinidat.infinibox", "infini_" },
    { "junipernetworks.junos", "junos_" },
    { "mellanox.onyx", "onyx_" },
    { "netapp.ontap", "na_" },
    { "netapp_eseries.santricity", "netapp_" },
    { "netbox.netbox", "netbox_" },
    { "ngine_io.cloudstack", "cs_" },
    { "ngine_io.vultr", "vr_ vultr_" },
    { "openstack.cloud", "os_" },
    { "ovirt.ovirt", "ovirt_" },
    { "purestorage.flasharray", "purefa_" },
    { "purestorage.flashblade", "purefb_" },
    { "vyos.vyos", "vyos_" },
    { "wti.remote", "cpm_" },
};

static const str builtins[] = {
    S_INIT("add_host"),
    S_INIT("apt"),
    S_INIT("apt_key"),
    S_INIT("apt_repository"),
    S_INIT("assemble"),
    S_INIT("assert"),
    S_INIT("async_status"),
    S_INIT("blockinfile"),
    S_INIT("command"),
    S_INIT("copy"),
    S_INIT("cron"),
    S_INIT("deb822_repository"),
    S_INIT("debconf"),
    S_INIT("debug"),
    S_INIT("dnf"),
    S_INIT("dnf5"),
    S_INIT("dpkg_selections"),
    S_INIT("expect"),
    S_INIT("fail"),
    S_INIT("fetch"),
    S_INIT("file"),
    S_INIT("find"),
    S_INIT("gather_facts"),
    S_INIT("get_url"),
    S_INIT("getent"),
    S_INIT("git"),
    S_INIT("group"),
    S_INIT("group_by"),
    S_INIT("hostname"),
    S_INIT("import_playbook"),
    S_INIT("import_role"),
    S_INIT("import_tasks"),
    S_INIT("include"),
    S_INIT("include_role"),
    S_INIT("include_tasks"),
    S_INIT("include_vars"),
    S_INIT("iptables"),
    S_INIT("known_hosts"),
    S_INIT("lineinfile"),
    S_INIT("meta"),
    S_INIT("mount_facts"),
    S_INIT("package"),
    S_INIT("package_facts"),
    S_INIT("pause"),
    S_INIT("ping"),
    S_INIT("pip"),
    S_INIT("raw"),
    S_INIT("reboot"),
    S_INIT("replace"),
    S_INIT("rpm_key"),
    S_INIT("script"),
    S_INIT("service"),
    S_INIT("service_facts"),
    S_INIT("set_fact"),
    S_INIT("set_stats"),
    S_INIT("setup"),
    S_INIT("shell"),
    S_INIT("slurp"),
    S_INIT("stat"),
    S_INIT("subversion"),
    S_INIT("systemd"),
    S_INIT("systemd_service"),
    S_INIT("sysvinit"),
    S_INIT("tempfile"),
    S_INIT("template"),
    S_INIT("unarchive"),
    S_INIT("uri"),
    S_INIT("user"),
    S_INIT("validate_argument_spec"),
    S_INIT("wait_for"),
    S_INIT("wait_for_connection"),
    S_INIT("yum"),
    S_INIT("yum_repository"),
};

static const str collections[] = {
    S_INIT("amazon.aws"),
    S_INIT("ansible.netcommon"),
    S_INIT("ansible.posix"),
    S_INIT("ansible.utils"),
    S_INIT("ansible.windows"),
    S_INIT("arista.eos"),
    S_INIT("awx.awx"),
    S_INIT("azure.azcollection"),
    S_INIT("check_point.mgmt"),
    S_INIT("chocolatey.chocolatey"),
    S_INIT("cisco.aci"),
    S_INIT("cisco.asa"),
    S_INIT("cisco.dnac"),
    S_INIT("cisco.intersight"),
    S_INIT("cisco.ios"),
    S_INIT("cisco.iosxr"),
    S_INIT("cisco.ise"),
    S_INIT("cisco.meraki"),
    S_INIT("cisco.mso"),
    S_INIT("cisco.nso"),
    S_INIT("cisco.nxos"),
    S_INIT("cisco.ucs"),
    S_INIT("cloud.common"),
    S_INIT("cloudscale_ch.cloud"),
    S_INIT("community.aws"),
    S_INIT("community.azure"),
    S_INIT("community.ciscosmb"),
    S_INIT("community.crypto"),
    S_INIT("community.digitalocean"),
    S_INIT("community.dns"),
    S_INIT("community.docker"),
    S_INIT("community.fortios"),
    S_INIT("community.general"),
    S_INIT("community.google"),
    S_INIT("community.grafana"),
    S_INIT("community.hashi_vault"),
    S_INIT("community.hrobot"),
    S_INIT("community.kubevirt"),
    S_INIT("community.libvirt"),
    S_INIT("community.mongodb"),
    S_INIT("community.mysql"),
    S_INIT("community.network"),
    S_INIT("community.okd"),
    S_INIT("community.postgresql"),
    S_INIT("community.proxysql"),
    S_INIT("community.rabbitmq"),
    S_INIT("community.routeros"),
    S_INIT("community.sap"),
    S_INIT("community.sap_libs"),
    S_INIT("community.skydive"),
    S_INIT("community.sops"),
    S_INIT("community.vmware"),
    S_INIT("community.windows"),
    S_INIT("community.zabbix"),
    S_INIT("containers.podman"),
    S_INIT("cyberark.conjur"),
    S_INIT("cyberark.pas"),
    S_INIT("dellemc.enterprise_sonic"),
    S_INIT("dellemc.openmanage"),
    S_INIT("dellemc.os10"),
    S_INIT("dellemc.os6"),
    S_INIT("dellemc.os9"),
    S_INIT("dellemc.powerflex"),
    S_INIT("dellemc.unity"),
    S_INIT("f5networks.f5_modules"),
    S_INIT("fortinet.fortimanager"),
    S_INIT("fortinet.fortios"),
    S_INIT("frr.frr"),
    S_INIT("gluster.gluster"),
    S_INIT("google.cloud"),
    S_INIT("grafana.grafana"),
    S_INIT("hetzner.hcloud"),
    S_INIT("hpe.nimble"),
    S_INIT("ibm.qradar"),
    S_INIT("ibm.spectrum_virtualize"),
    S_INIT("infinidat.infinibox"),
    S_INIT("infoblox.nios_modules"),
    S_INIT("inspur.ispim"),
    S_INIT("inspur.sm"),
    S_INIT("junipernetworks.junos"),
    S_INIT("kubernetes.core"),
    S_INIT("lowlydba.sqlserver"),
    S_INIT("mellanox.onyx"),
    S_INIT("microsoft.ad"),
    S_INIT("netapp.aws"),
    S_INIT("netapp.azure"),
    S_INIT("netapp.cloudmanager"),
    S_INIT("netapp.elementsw"),
    S_INIT("netapp.ontap"),
    S_INIT("netapp.storagegrid"),
    S_INIT("netapp.um_info"),
    S_INIT("netapp_eseries.santricity"),
    S_INIT("netbox.netbox"),
    S_INIT("ngine_io.cloudstack"),
    S_INIT("ngine_io.exoscale"),
    S_INIT("ngine_io.vultr"),
    S_INIT("openstack.cloud"),
    S_INIT("openvswitch.openvswitch"),
    S_INIT("ovirt.ovirt"),
    S_INIT("purestorage.flasharray"),
    S_INIT("purestorage.flashblade"),
    S_INIT("purestorage.fusion"),
    S_INIT("sensu.sensu_go"),
    S_INIT("servicenow.servicenow"),
    S_INIT("splunk.es"),
    S_INIT("t_systems_mms.icinga_director"),
    S_INIT("theforeman.foreman"),
    S_INIT("vmware.vmware_rest"),
    S_INIT("vultr.cloud"),
    S_INIT("vyos.vyos"),
    S_INIT("wti.remote"),
};

static const char lookups[] =
    "cartesian chef_databag config consul_kv credstash csvfile cyberarkpassword dict dig "
    "dnstxt env etcd file fileglob filetree first_found flattened hiera indexed_items ini "
    "inventory_hostnames items keyring lastpass lines list lmdb_kv manifold nested nios "
    "nios_next_ip nios_next_network onepassword onepassword_raw password passwordstore pipe "
    "random_choice redis sequence shelvefile subelements template together unvault url "
    "varnames vars";

/* Whether a word stands in a text of words, or begins with one of them. */
static bool has_word(const char *words, str name, bool as_prefix)
{
    str rest = str_of(words);
    while (!str_is_none(rest)) {
        str word = str_cut(&rest, ' ');
        if (as_prefix ? str_starts(name, word) : str_eq(name, word)) {
            return true;
        }
    }
    return false;
}

static bool in_list(const str *list, size_t count, str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(list[i], name)) {
            return true;
        }
    }
    return false;
}

bool known_builtin(str short_name)
{
    return in_list(builtins, ARRAY_LEN(builtins), short_name);
}

str known_collection_of(str short_name)
{
    for (size_t i = 0; i < ARRAY_LEN(short_names); i++) {
        if (has_word(short_names[i].names, short_name, false)) {
            return str_of(short_names[i].collection);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(families); i++) {
        if (has_word(families[i].names, short_name, true)) {
            return str_of(families[i].collection);
        }
    }
    return STR_NONE;
}

bool known_collection(str name)
{
    return in_list(collections, ARRAY_LEN(collections), name);
}

bool known_lookup(str name)
{
    return has_word(lookups, name, false);
}

const str *known_builtins(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(builtins);
    return builtins;
}

const str *known_collections(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(collections);
    return collections;
}
