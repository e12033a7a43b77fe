//! The rule about where requests may go, applied to URLs and to resolved addresses.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::address::{Reach, reach};
use crate::{Error, Refusal, Result};

/// A host and port that the operator named, which may therefore be private.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    host: String,
    port: u16,
}

impl Origin {
    /// The host and port of a URL; `None` when it has no host.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        let host = url.host_str()?.to_owned();
        Some(Self {
            host,
            port: url.port_or_known_default()?,
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl FromStr for Origin {
    type Err = Error;

    /// Reads `HOST:PORT`, as a configuration names it.
    fn from_str(text: &str) -> Result<Self> {
        let invalid = || Error::Invalid {
            target: text.to_owned(),
            what: "is not HOST:PORT".to_owned(),
        };
        let (_, port) = text.rsplit_once(':').ok_or_else(invalid)?;
        let port = port.parse().map_err(|_| invalid())?;
        let url = Url::parse(&format!("http://{text}/")).map_err(|_| invalid())?;
        Ok(Self {
            host: url.host_str().ok_or_else(invalid)?.to_owned(),
            port,
        })
    }
}

/// Which addresses one HTTP client may dial. It is that client's resolver.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    /// Whether private addresses are allowed.
    pub(crate) private: bool,
    /// The proxy's host name, which the operator chose and which is dialled instead of every other.
    pub(crate) proxy: Option<String>,
}

impl Guard {
    /// Judges scheme, presence of a host, and an address written out in the URL, which no resolver sees.
    pub(crate) fn check(&self, url: &Url) -> std::result::Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme(url.scheme().to_owned()));
        }
        let address = match url.host().ok_or(Refusal::NoHost)? {
            Host::Domain(_) => return Ok(()),
            Host::Ipv4(address) => IpAddr::V4(address),
            Host::Ipv6(address) => IpAddr::V6(address),
        };
        if self.permits(address) {
            Ok(())
        } else {
            Err(refused(&address.to_string(), address))
        }
    }

    fn permits(&self, address: IpAddr) -> bool {
        match reach(address) {
            Reach::Public => true,
            Reach::Private => self.private,
            Reach::Forbidden => false,
        }
    }

    /// Keeps the addresses that may be dialled; an error when there were only others.
    fn select(&self, host: &str, found: Vec<SocketAddr>) -> std::result::Result<Vec<SocketAddr>, Refusal> {
        let first = found.first().copied();
        let kept: Vec<_> = found
            .into_iter()
            .filter(|socket| self.permits(socket.ip()))
            .collect();
        match first {
            Some(socket) if kept.is_empty() => Err(refused(host, socket.ip())),
            _ => Ok(kept),
        }
    }
}

fn refused(host: &str, address: IpAddr) -> Refusal {
    Refusal::Address {
        host: host.to_owned(),
        address,
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let host = name.as_str();
            // The port is a placeholder that the connector replaces.
            let found: Vec<_> = tokio::net::lookup_host((host, 0)).await?.collect();
            if guard.proxy.as_deref() == Some(host) {
                return Ok(Box::new(found.into_iter()) as Addrs);
            }
            Ok(Box::new(guard.select(host, found)?.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Guard = Guard {
        private: false,
        proxy: None,
    };
    const TRUSTING: Guard = Guard {
        private: true,
        proxy: None,
    };

    fn allows(guard: &Guard, url: &str) -> bool {
        guard.check(&Url::parse(url).unwrap()).is_ok()
    }

    #[test]
    fn an_address_in_a_url_is_judged_however_it_is_spelled() {
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1:8080/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://10.0.0.1/",
        ] {
            assert!(!allows(&STRICT, url), "{url}");
            assert!(allows(&TRUSTING, url), "{url}");
        }
        assert!(allows(&STRICT, "https://1.1.1.1/"));
    }

    #[test]
    fn metadata_services_are_refused_even_where_private_addresses_are_not() {
        for url in [
            "http://169.254.169.254/latest/",
            "http://[fd00:ec2::254]/",
            "http://0.0.0.0/",
        ] {
            assert!(!allows(&TRUSTING, url), "{url}");
        }
    }

    #[test]
    fn other_schemes_are_refused() {
        for url in ["file:///etc/passwd", "ftp://1.1.1.1/", "gopher://1.1.1.1/"] {
            assert!(!allows(&TRUSTING, url), "{url}");
        }
    }

    #[test]
    fn of_several_addresses_only_public_ones_are_dialled() {
        let socket = |text: &str| text.parse::<SocketAddr>().unwrap();
        let both = vec![socket("10.0.0.1:0"), socket("1.1.1.1:0")];
        assert_eq!(STRICT.select("mixed.test", both), Ok(vec![socket("1.1.1.1:0")]));
        let refusal = STRICT
            .select("inner.test", vec![socket("10.0.0.1:0")])
            .unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "`inner.test` leads to 10.0.0.1, which is not a public address"
        );
    }

    #[test]
    fn an_origin_is_a_host_with_its_port() {
        let origin: Origin = "Feeds.Corp:8080".parse().unwrap();
        assert_eq!(
            Some(origin.clone()),
            Origin::of(&Url::parse("http://feeds.corp:8080/osv").unwrap())
        );
        assert_ne!(
            Some(origin),
            Origin::of(&Url::parse("http://feeds.corp/osv").unwrap())
        );
        assert_eq!(
            "[::1]:80".parse().ok(),
            Origin::of(&Url::parse("http://[::1]/").unwrap())
        );
        assert!("feeds.corp".parse::<Origin>().is_err());
    }
}
