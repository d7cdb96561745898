//! How many connections there may be, in all and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::settings::Limits;

/// Why a connection is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// There are as many as there may be.
    InAll,
    /// There are as many as there may be from its address.
    FromAddress,
}

/// The places of one listener.
#[derive(Debug)]
pub(crate) struct Connections {
    places: Arc<Semaphore>,
    addresses: PerAddress,
    loopback_too: bool,
}

/// How many connections each address has, and how many it may have.
#[derive(Debug)]
pub(crate) struct PerAddress {
    counts: Arc<Counts>,
    most: usize,
}

/// How many connections each address has.
#[derive(Debug, Default)]
struct Counts(Mutex<HashMap<IpAddr, usize>>);

/// One of them; given back when dropped.
#[derive(Debug)]
pub(crate) struct AddressPlace {
    address: IpAddr,
    counts: Arc<Counts>,
}

/// A connection's place among those that may be open at one time; free again when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    _address: Option<AddressPlace>,
}

impl Connections {
    /// So many in all, and from each address as the limits say.
    pub(crate) fn new(most: usize, limits: &Limits) -> Self {
        Self {
            places: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
            addresses: PerAddress::new(limits),
            loopback_too: limits.loopback_too,
        }
    }

    /// Gives a place to a connection from this address, or from none, which the Unix socket's
    /// have not.
    pub(crate) fn enter(&self, address: Option<IpAddr>) -> Result<Place, Full> {
        let permit = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| Full::InAll)?;
        let counted = address
            .map(|address| address.to_canonical())
            .filter(|address| self.loopback_too || !address.is_loopback());
        let address = match counted {
            Some(address) => Some(self.addresses.enter(address).ok_or(Full::FromAddress)?),
            None => None,
        };
        Ok(Place {
            _permit: permit,
            _address: address,
        })
    }
}

impl PerAddress {
    /// So many for each as the limits say.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            counts: Arc::default(),
            most: limits.connections_per_address,
        }
    }

    /// Gives an address one more, or none when it has all it may have.
    pub(crate) fn enter(&self, address: IpAddr) -> Option<AddressPlace> {
        let address = address.to_canonical();
        let mut all = self.counts.lock();
        let count = all.entry(address).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        drop(all);
        Some(AddressPlace {
            address,
            counts: Arc::clone(&self.counts),
        })
    }
}

impl Counts {
    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for AddressPlace {
    fn drop(&mut self) {
        let mut all = self.counts.lock();
        if let Some(count) = all.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_and_loopback_any_number() {
        let limits = serde_json::from_str(r#"{"connectionsPerAddress": 2}"#).expect("valid");
        let connections = Connections::new(6, &limits);
        let one: IpAddr = "192.0.2.1".parse().expect("an address");
        let mapped: IpAddr = "::ffff:192.0.2.1".parse().expect("an address");
        let other: IpAddr = "2001:db8::1".parse().expect("an address");
        let here: IpAddr = "127.0.0.1".parse().expect("an address");
        let first = connections.enter(Some(one)).expect("a place");
        let _second = connections.enter(Some(mapped)).expect("a place");
        assert_eq!(connections.enter(Some(one)).err(), Some(Full::FromAddress));
        let _other = connections.enter(Some(other)).expect("a place");
        drop(first);
        let _first = connections.enter(Some(one)).expect("a place again");
        let _here: Vec<Place> = (0..3)
            .map(|_| connections.enter(Some(here)).expect("a place"))
            .collect();
        assert_eq!(connections.enter(Some(here)).err(), Some(Full::InAll));
        assert_eq!(connections.enter(None).err(), Some(Full::InAll));
    }

    #[test]
    fn nothing_is_kept_of_who_has_left() {
        let connections = Connections::new(1, &Limits::default());
        for n in 0..1000_u32 {
            let address = IpAddr::V4((0x0a00_0000 + n).into());
            drop(connections.enter(Some(address)).expect("a place"));
        }
        assert!(connections.addresses.counts.lock().is_empty());
    }
}
