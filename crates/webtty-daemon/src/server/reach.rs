//! How the daemon is reached from outside: what is refused as unsafe, its certificate, its names.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use nix::ifaddrs::getifaddrs;

use super::error::BindError;
use crate::app::Listening;
use crate::base_path::BasePath;
use crate::config::{Auth, Config, Tls};
use crate::proxy::Proxies;
use crate::secret::short_hash;
use crate::sites::{Name, Scheme, Sites};
use crate::tls::{Identity, Source, TlsError};

/// What was told of names and proxies, and is sound.
pub(super) struct Told {
    names: Vec<Name>,
    base_path: BasePath,
    proxies: Proxies,
}

/// Refuses what would let everybody on the network read or type, before anything is opened.
pub(super) fn check(config: &Config) -> Result<Told, BindError> {
    let names: Result<Vec<Name>, String> = config.names.iter().map(|name| name.parse()).collect();
    let told = Told {
        names: names.map_err(BindError::Refused)?,
        base_path: config.base_path.parse().map_err(BindError::Refused)?,
        proxies: Proxies::new(config.trust_proxy.as_ref()).map_err(BindError::Refused)?,
    };
    let ip = config.listen.ip();
    if config.auth == Auth::None {
        let name = told.names.iter().find(|name| !name.is_loopback());
        let beyond = match name {
            _ if !ip.is_loopback() => format!("{ip} is not a loopback address"),
            Some(name) => format!("{} is not a name of loopback alone", name.host()),
            None if config.trust_proxy.is_some() => "a proxy leads here from elsewhere".to_owned(),
            None => return Ok(told),
        };
        return Err(BindError::Refused(format!(
            "{beyond}, and without authentication everybody who gets there would have the \
             shells; leave authentication on"
        )));
    }
    if ip.is_loopback() || config.tls != Tls::Off || config.insecure_plain_http {
        return Ok(told);
    }
    Err(BindError::Refused(format!(
        "{ip} is not a loopback address, and without TLS everybody on the network could read \
         and type into the shells; add --tls, or --insecure-plain-http where a proxy does the TLS"
    )))
}

/// Finds out the rest of it, once the port is known.
pub(super) fn open(
    config: &Config,
    told: Told,
    address: SocketAddr,
) -> Result<Listening, BindError> {
    let identity = identity(config, &told.names, address.ip())?;
    let scheme = match identity {
        Some(_) => Scheme::Https,
        None => Scheme::Http,
    };
    // Our own certificate is for names that we know anyway.
    let certified = match (&identity, &config.tls) {
        (Some(identity), Tls::Files { .. }) => identity.names(),
        _ => Vec::new(),
    };
    let sites = Sites::new(scheme, address.port(), &told.names, &certified);
    let origin = sites.first_origin(reachable(address.ip()));
    Ok(Listening {
        auth: config.auth,
        address,
        base_url: origin + told.base_path.as_str(),
        sites,
        identity,
        base_path: told.base_path,
        proxies: told.proxies,
    })
}

fn identity(config: &Config, names: &[Name], ip: IpAddr) -> Result<Option<Identity>, BindError> {
    let source = match &config.tls {
        Tls::Off => return Ok(None),
        Tls::Generated => generated(&config.state_dir, &config.socket_path, names, ip),
        Tls::Files { certificate, key } => Source::Files {
            certificate: certificate.clone(),
            key: key.clone(),
        },
    };
    match Identity::open(source) {
        Ok(identity) => Ok(Some(identity)),
        Err(error @ TlsError::Generate(_)) => Err(BindError::Io {
            what: "TLS".into(),
            cause: std::io::Error::other(error),
        }),
        Err(error) => Err(BindError::Refused(error.to_string())),
    }
}

/// For each socket one of its own, as for the keys: two daemons would renew one for each other.
fn generated(state_dir: &Path, socket: &Path, names: &[Name], ip: IpAddr) -> Source {
    let path = state_dir.join(format!("tls-{}.pem", short_hash(socket)));
    let plain = |host: &str| host.trim_matches(['[', ']']).to_owned();
    let mut hosts: Vec<String> = names.iter().map(|name| plain(name.host())).collect();
    hosts.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
    if !ip.is_unspecified() {
        hosts.push(ip.to_string());
    }
    let mut seen = std::collections::HashSet::new();
    hosts.retain(|host| seen.insert(host.clone()));
    Source::Generated { path, hosts }
}

/// An address that leads here: of a listener on all of them, the machine's first that is not
/// loopback.
fn reachable(listening: IpAddr) -> IpAddr {
    if !listening.is_unspecified() {
        return listening;
    }
    let addresses = getifaddrs().into_iter().flatten().filter_map(|interface| {
        let address = interface.address?;
        let v4 = address.as_sockaddr_in().map(|found| IpAddr::V4(found.ip()));
        v4.filter(|ip| !ip.is_loopback())
    });
    let mut addresses = addresses;
    addresses
        .next()
        .unwrap_or(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST))
}
