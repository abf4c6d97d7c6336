readonly bouncer_name=ztgit-firewall-bouncer
readonly central_credentials=/etc/crowdsec/online_api_credentials.yaml
readonly stock_whitelist=/etc/crowdsec/parsers/s02-enrich/whitelists.yaml

main() {
    [[ $EUID -eq 0 ]] || fail "run this as root"
    postpone_registration
    install_packages
    check_generation
    install_from_hub
    watch_private_ranges
    register_bouncer
    join_community
    check_configuration
    start_services
}

fail() {
    printf '40-crowdsec: %s\n' "$1" >&2
    exit 1
}

# The packages register with the central API while they are configured, and fail
# to install where it cannot be reached. A file that is there stops them.
postpone_registration() (
    umask 077
    [[ -s $central_credentials ]] && return
    (umask 022 && mkdir -p "${central_credentials%/*}")
    printf '# not registered with the central API\n' > "$central_credentials"
)

is_installed() {
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2> /dev/null) == installed ]]
}

# The configuration that is in place stays: it is this stack's.
install_packages() {
    is_installed "$engine_package" && is_installed "$bouncer_package" && return
    apt-get update -q
    if [[ -z $(apt-cache search --names-only "^$bouncer_package\$") ]]; then
        fail "no package $bouncer_package: add its repository, or use the other bouncer generation than $generation"
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
        "$engine_package" "$bouncer_package"
}

# Priorities and hooks came with 0.0.26. An older bouncer ignores them without a
# word, and a newer one without them has another place among the chains.
check_generation() {
    local version
    version=$(dpkg-query -W -f '${Version}' "$bouncer_package")
    dpkg --compare-versions "$version" "$bouncer_version_relation" 0.0.26 ||
        fail "$bouncer_package $version is not of the bouncer generation $generation"
}

# What the packages bring is enabled by them; only more than that needs the hub.
install_from_hub() {
    local item
    for item in "${collections[@]}"; do
        [[ -e /etc/crowdsec/collections/${item#*/}.yaml ]] || fetch collections "$item"
    done
    for item in "${parsers[@]}"; do
        compgen -G "/etc/crowdsec/parsers/*/${item#*/}.yaml" > /dev/null || fetch parsers "$item"
    done
}

fetch() {
    cscli hub update
    cscli "$1" install "$2"
}

# The stock list spares every private address. It is a link to the hub.
watch_private_ranges() {
    [[ $private_ranges == watch ]] || return 0
    if [[ -L $stock_whitelist ]]; then
        rm -- "$stock_whitelist"
    fi
}

# The key goes from one process to one file and nowhere else.
register_bouncer() (
    umask 077
    local_config=$bouncer_config.local
    touch "$local_config"
    chmod 600 "$local_config"
    grep -q '^api_key: *[^ ]' "$local_config" && return
    cscli bouncers delete "$bouncer_name" > /dev/null 2>&1 || true
    key=$(cscli --error -o raw bouncers add "$bouncer_name")
    [[ -n $key ]] || fail "CrowdSec made no key for the bouncer"
    new_config=$(mktemp "$local_config.XXXXXX")
    { grep -v '^api_key:' "$local_config" || true; printf 'api_key: "%s"\n' "$key"; } > "$new_config"
    mv -- "$new_config" "$local_config"
)

# Everything else works without the central API, so being offline is no failure.
join_community() {
    [[ $community_blocklist == join ]] || return 0
    grep -q '^login:' "$central_credentials" && return
    if ! cscli --error capi register > /dev/null; then
        printf '40-crowdsec: the central API is out of reach; run this again to join\n' >&2
    fi
}

check_configuration() {
    crowdsec -c /etc/crowdsec/config.yaml -t
    crowdsec-firewall-bouncer -c "$bouncer_config" -t
}

start_services() {
    systemctl enable crowdsec.service crowdsec-firewall-bouncer.service
    systemctl restart crowdsec.service
    systemctl restart crowdsec-firewall-bouncer.service
}

main
