//! Whom to trust behind an `https://` URL.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use sha2::{Digest, Sha256};

use crate::error::Error;

/// The SHA-256 of a certificate, as a daemon prints it at its start.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    fn of(certificate: &CertificateDer<'_>) -> Self {
        Self(Sha256::digest(certificate).into())
    }
}

impl FromStr for Fingerprint {
    type Err = Error;

    /// 64 hexadecimal digits, with or without colons between the bytes.
    fn from_str(text: &str) -> Result<Self, Error> {
        let digits: String = text.trim().chars().filter(|&c| c != ':').collect();
        let bad = Error::BadFingerprint;
        if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(bad);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).unwrap_or_default();
            *byte = u8::from_str_radix(pair, 16).map_err(|_| Error::BadFingerprint)?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let colon = if index == 0 { "" } else { ":" };
            write!(formatter, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Fingerprint({self})")
    }
}

/// Whose certificates are taken; those of the authorities this system trusts unless another is
/// chosen.
#[derive(Clone, Debug, Default)]
pub struct Trust(Option<Arc<ClientConfig>>);

impl Trust {
    /// The one certificate of this fingerprint, whatever name and time it is for: whoever has
    /// compared it knows whose it is.
    pub fn fingerprint(fingerprint: Fingerprint) -> Self {
        Self(Some(config(Judge::Pinned(fingerprint))))
    }

    /// Certificates that are in this PEM file, or signed by one that is, for the name in the URL.
    ///
    /// # Errors
    /// When the file cannot be read or holds no certificate.
    pub fn authorities(path: &Path) -> Result<Self, Error> {
        let refuse = |why: String| Error::BadAuthorities {
            path: path.to_owned(),
            why,
        };
        let mut roots = RootCertStore::empty();
        let certificates =
            CertificateDer::pem_file_iter(path).map_err(|error| refuse(error.to_string()))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| refuse(error.to_string()))?;
            roots
                .add(certificate)
                .map_err(|error| refuse(error.to_string()))?;
        }
        let judge = Judge::by(roots).map_err(refuse)?;
        Ok(Self(Some(config(judge))))
    }

    /// How to begin TLS.
    pub(crate) fn config(&self) -> Result<Arc<ClientConfig>, Error> {
        static SYSTEM: OnceLock<Result<Arc<ClientConfig>, String>> = OnceLock::new();
        if let Some(config) = &self.0 {
            return Ok(Arc::clone(config));
        }
        let of_system = SYSTEM.get_or_init(|| {
            let mut roots = RootCertStore::empty();
            // What is broken among them is no reason to trust none.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            Judge::by(roots).map(config)
        });
        // Without any, only a certificate that was compared or given is trusted.
        let of_system = of_system.as_ref().map(Arc::clone);
        Ok(of_system.unwrap_or_else(|_| config(Judge::Nobody)))
    }
}

fn config(judge: Judge) -> Arc<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier {
        judge,
        provider: Arc::clone(&provider),
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider speaks the versions it was built with")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

/// What decides on a certificate.
#[derive(Debug)]
enum Judge {
    Pinned(Fingerprint),
    Authorities(Arc<WebPkiServerVerifier>),
    Nobody,
}

impl Judge {
    fn by(roots: RootCertStore) -> Result<Self, String> {
        let provider = Arc::new(ring::default_provider());
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map(Self::Authorities)
            .map_err(|error| error.to_string())
    }
}

/// Says of a certificate that is not trusted what its fingerprint is: a person can compare it.
#[derive(Debug)]
struct Verifier {
    judge: Judge,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let found = Fingerprint::of(certificate);
        let why = match &self.judge {
            Judge::Pinned(fingerprint) if *fingerprint == found => {
                return Ok(ServerCertVerified::assertion());
            }
            Judge::Pinned(_) => "it is another one than was asked for".to_owned(),
            Judge::Nobody => "this system knows no authority".to_owned(),
            Judge::Authorities(verifier) => {
                match verifier.verify_server_cert(certificate, chain, name, stapled, now) {
                    Ok(verified) => return Ok(verified),
                    Err(error) => error.to_string(),
                }
            }
        };
        Err(rustls::Error::General(format!(
            "{why}; its SHA-256 fingerprint is {found}"
        )))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_it_is_written() {
        let text = "0A".to_owned() + &":ff".repeat(31);
        let fingerprint: Fingerprint = text.parse().expect("a fingerprint");
        assert_eq!(fingerprint.to_string(), text.to_uppercase());
        let plain = text.replace(':', "");
        assert_eq!(plain.parse::<Fingerprint>().ok(), Some(fingerprint));
        for bad in [
            "",
            "0A",
            &plain[1..],
            &format!("{plain}00"),
            &"zz".repeat(32),
        ] {
            assert!(bad.parse::<Fingerprint>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        let error = Trust::authorities(Path::new("/dev/null")).expect_err("empty");
        assert!(error.to_string().contains("/dev/null"), "{error}");
    }
}
