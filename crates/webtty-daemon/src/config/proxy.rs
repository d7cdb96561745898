//! What is said about proxies: which, and how far they are believed.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use webtty_protocol::Role;

/// Addresses that begin alike: `192.0.2.1`, `10.0.0.0/8`, `2001:db8::/32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Is this address one of them?
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(other)) => same(
                ours.to_bits().into(),
                other.to_bits().into(),
                32 - self.bits,
            ),
            (IpAddr::V6(ours), IpAddr::V6(other)) => {
                same(ours.to_bits(), other.to_bits(), 128 - self.bits)
            }
            _ => false,
        }
    }

    /// Is any of them one that every program of this machine has?
    pub(crate) fn has_loopback(&self) -> bool {
        let loopback = self.address.is_loopback();
        loopback
            || ["127.0.0.1", "::1"]
                .iter()
                .any(|ip| ip.parse().is_ok_and(|ip| self.contains(ip)))
    }
}

/// Do two addresses differ in their last `rest` bits only?
fn same(ours: u128, other: u128, rest: u8) -> bool {
    (ours ^ other).checked_shr(rest.into()).unwrap_or(0) == 0
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.bits)
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("`{text}` is neither an address nor a network like 10.0.0.0/8");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| bad())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().map_err(|_| bad())?,
            None => most,
        };
        if bits > most {
            return Err(bad());
        }
        Ok(Self { address, bits })
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// `trustProxy` in the settings: which proxies are believed, and what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrustProxy {
    /// Where they connect from.
    pub addresses: Vec<Network>,
    /// The header in which they name the user they have let in; without it, they name none.
    #[serde(default)]
    pub user_header: Option<String>,
    /// What such a user may do.
    #[serde(default = "view")]
    pub role: Role,
    /// What some of them may do instead.
    #[serde(default)]
    pub users: BTreeMap<String, Role>,
    /// A file with what they send as `X-Webtty-Proxy-Secret`. Without that they are not believed.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
}

fn view() -> Role {
    Role::View
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_what_begins_alike() {
        for (network, address, inside) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.128/25", "10.0.0.127", false),
            ("0.0.0.0/0", "203.0.113.1", true),
            ("0.0.0.0/0", "::1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "2001:db9::1", true),
        ] {
            let parsed: Network = network.parse().expect(network);
            let found = parsed.contains(address.parse().expect(address));
            assert_eq!(found, inside, "{network} {address}");
        }
        for bad in [
            "",
            "10.0.0.0/33",
            "10.0.0/8",
            "::/129",
            "proxy.example",
            "10.0.0.1/-1",
        ] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
        let loopback = |text: &str| text.parse::<Network>().expect(text).has_loopback();
        assert!(loopback("127.0.0.7") && loopback("::1") && loopback("0.0.0.0/0"));
        assert!(!loopback("192.0.2.0/24"));
    }
}
