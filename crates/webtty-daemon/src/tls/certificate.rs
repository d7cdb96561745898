//! What a certificate says, and making one.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair};
use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// How long a certificate of our own is good: what browsers take from anybody.
const LIFETIME: Duration = Duration::from_secs(397 * 24 * 60 * 60);

/// Clocks differ: it is good since an hour ago.
const CLOCK_SKEW: Duration = Duration::from_secs(60 * 60);

/// What matters of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    /// Its SHA-256, two hexadecimal digits a byte, with colons.
    pub(super) fingerprint: String,
    /// When it ends, in seconds since 1970.
    pub(super) not_after: u64,
    /// The names and addresses that it is for.
    pub(super) names: Vec<String>,
}

impl Facts {
    pub(super) fn of(der: &CertificateDer<'_>) -> Result<Self, String> {
        let (_, certificate) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
        let names = certificate
            .subject_alternative_name()
            .map_err(|error| error.to_string())?;
        let names = names.map_or(&[][..], |names| &names.value.general_names);
        Ok(Self {
            fingerprint: fingerprint(der),
            not_after: u64::try_from(certificate.validity().not_after.timestamp()).unwrap_or(0),
            names: names.iter().filter_map(name_of).collect(),
        })
    }
}

fn name_of(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let address = match bytes.len() {
                4 => IpAddr::from(<[u8; 4]>::try_from(*bytes).ok()?),
                _ => IpAddr::from(<[u8; 16]>::try_from(*bytes).ok()?),
            };
            Some(address.to_string())
        }
        _ => None,
    }
}

fn fingerprint(der: &[u8]) -> String {
    let bytes = Sha256::digest(der);
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    digits.join(":")
}

/// Makes a key and a certificate of it for these hosts, as PEM.
pub(super) fn generate(hosts: &[String]) -> Result<String, rcgen::Error> {
    generate_until(hosts, SystemTime::now() + LIFETIME)
}

/// Makes one that ends then.
pub(super) fn generate_until(hosts: &[String], end: SystemTime) -> Result<String, rcgen::Error> {
    let mut params = CertificateParams::new(hosts)?;
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "webtty, made by itself");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.not_before = (SystemTime::now() - CLOCK_SKEW).into();
    params.not_after = end.into();
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    Ok(format!("{}{}", key.serialize_pem(), certificate.pem()))
}
