//! Which addresses may be dialled: public ones, private ones when the operator named the host, others never.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far an address reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Routed on the public internet.
    Public,
    /// This machine or this organisation: only for hosts that the operator named.
    Private,
    /// Nothing that Plumbline needs lives there, and cloud credentials do.
    Forbidden,
}

/// Classifies an address by the IANA special-purpose registries; IPv4 inside IPv6 is judged as IPv4.
pub(crate) fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(v4) => reach_v4(v4),
        IpAddr::V6(v6) => embedded_v4(v6).map_or_else(|| reach_v6(v6), reach_v4),
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    match address.octets() {
        // Alibaba's metadata service sits inside the carrier-grade NAT range.
        [100, 100, 100, 200] => Reach::Forbidden,
        [10 | 127, ..] | [192, 168, ..] | [172, 16..=31, ..] => Reach::Private,
        // Carrier-grade NAT (RFC 6598) and benchmarking networks (RFC 2544).
        [100, 64..=127, ..] | [198, 18..=19, ..] => Reach::Private,
        // "This network", link-local with the metadata services, protocol assignments, documentation.
        [0, ..] | [169, 254, ..] | [192, 0, 0 | 2, _] => Reach::Forbidden,
        [198, 51, 100, _] | [203, 0, 113, _] | [192, 88, 99, _] => Reach::Forbidden,
        // Multicast, reserved, broadcast.
        [224..=255, ..] => Reach::Forbidden,
        _ => Reach::Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Reach::Private,
        // The metadata service of AWS over IPv6, inside the unique-local range.
        [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254] => Reach::Forbidden,
        [0xfc00..=0xfdff, ..] => Reach::Private,
        // Protocol assignments with Teredo, and documentation.
        [0x2001, 0..=0x01ff, ..] | [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => Reach::Forbidden,
        [0x2000..=0x3fff, ..] => Reach::Public,
        _ => Reach::Forbidden,
    }
}

/// The IPv4 address that a mapped, NAT64 or 6to4 address leads to.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let join = |high: u16, low: u16| Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => Some(join(high, low)),
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: Reach, addresses: &[&str]) {
        for address in addresses {
            assert_eq!(reach(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn public_addresses_are_public() {
        check(
            Reach::Public,
            &["1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.255.255"],
        );
        check(
            Reach::Public,
            &["100.128.0.1", "198.17.0.1", "192.0.1.1", "2606:4700::1111"],
        );
        check(
            Reach::Public,
            &["::ffff:1.1.1.1", "64:ff9b::8.8.8.8", "2002:0808:0808::1"],
        );
    }

    #[test]
    fn private_addresses_are_private_in_every_spelling() {
        check(
            Reach::Private,
            &["127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1"],
        );
        check(
            Reach::Private,
            &["100.64.0.1", "100.127.255.255", "198.18.0.1", "::1", "fd12::1"],
        );
        check(
            Reach::Private,
            &[
                "::ffff:127.0.0.1",
                "::ffff:10.1.2.3",
                "64:ff9b::10.0.0.1",
                "2002:7f00:1::",
            ],
        );
    }

    #[test]
    fn metadata_and_special_addresses_are_forbidden() {
        check(
            Reach::Forbidden,
            &[
                "169.254.169.254",
                "100.100.100.200",
                "fd00:ec2::254",
                "192.0.0.192",
            ],
        );
        check(
            Reach::Forbidden,
            &["0.0.0.0", "0.1.2.3", "224.0.0.1", "240.0.0.1", "255.255.255.255"],
        );
        check(
            Reach::Forbidden,
            &["::", "fe80::1", "fec0::1", "ff02::1", "2001:db8::1", "2001:0:1::"],
        );
        check(
            Reach::Forbidden,
            &[
                "::ffff:169.254.169.254",
                "::127.0.0.1",
                "64:ff9b:1::1",
                "192.0.2.1",
            ],
        );
    }
}
