//! Control on loan: who asks to type into a session, who was let, and until when.
//!
//! Pure: the caller says what time it is and who may answer. A loan belongs to one connection, is
//! worth no more than the right of who gave it, and is over at its end whether or not anybody has
//! looked since.

use webtty_protocol::control::RequestState;

use crate::limits::{
    CONTROL_REQUEST_PAUSE, CONTROL_REQUEST_TIME, MAX_CONTROL_LOANS, MAX_CONTROL_REQUESTS,
};

/// Who asks to type into a session, and who was let. Times are milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handover {
    requests: Vec<Request>,
    loans: Vec<Loan>,
    /// When each of those who are there last asked.
    asked: Vec<(u64, u64)>,
}

/// A connection that asks to type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its number.
    pub client: u64,
    /// When it no longer asks.
    pub until: u64,
}

/// A connection that was let type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loan {
    /// Its number.
    pub client: u64,
    /// The key of who let it, or none when that one needs none: the loan is good while that key is.
    pub lender: Option<String>,
    /// When it ends, or none for when it is taken back.
    pub until: Option<u64>,
}

impl Loan {
    fn is_over(&self, now: u64) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

impl Handover {
    /// Those who ask, in the order in which they did.
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// Those who were let, in the order in which they were.
    pub fn loans(&self) -> &[Loan] {
        &self.loans
    }

    /// The request of a connection that still waits for its answer.
    pub fn request(&self, client: u64, now: u64) -> Option<Request> {
        let own = self.requests.iter().find(|one| one.client == client);
        own.copied().filter(|request| request.until > now)
    }

    /// What a connection was let, if that is not over.
    pub fn loan(&self, client: u64, now: u64) -> Option<&Loan> {
        let own = self.loans.iter().find(|one| one.client == client);
        own.filter(|loan| !loan.is_over(now))
    }

    /// A connection asks to type. Gives how that stands; asking again while it waits changes
    /// nothing.
    pub fn ask(&mut self, client: u64, now: u64) -> RequestState {
        self.settle(now);
        if self.request(client, now).is_some() {
            return RequestState::Waiting;
        }
        let pause = as_ms(CONTROL_REQUEST_PAUSE);
        let last = self.asked.iter_mut().find(|(other, _)| *other == client);
        match last {
            Some((_, at)) if now.abs_diff(*at) < pause => return RequestState::TooSoon,
            _ if self.requests.len() >= MAX_CONTROL_REQUESTS => return RequestState::TooMany,
            Some((_, at)) => *at = now,
            None => self.asked.push((client, now)),
        }
        let until = now.saturating_add(as_ms(CONTROL_REQUEST_TIME));
        self.requests.push(Request { client, until });
        RequestState::Waiting
    }

    /// Lets a connection type, whether it has asked or not. What it was let before is replaced.
    /// Gives whether there was room for that.
    pub fn lend(&mut self, loan: Loan, now: u64) -> bool {
        self.settle(now);
        let others = self.loans.iter().filter(|one| one.client != loan.client);
        if others.count() >= MAX_CONTROL_LOANS {
            return false;
        }
        self.deny(loan.client);
        self.take_back(loan.client);
        if !loan.is_over(now) {
            self.loans.push(loan);
        }
        true
    }

    /// A connection that asks is not let.
    pub fn deny(&mut self, client: u64) {
        self.requests.retain(|one| one.client != client);
    }

    /// A connection that was let may type no longer.
    pub fn take_back(&mut self, client: u64) {
        self.loans.retain(|one| one.client != client);
    }

    /// This very loan is over. Another one that the connection was given since is not.
    pub fn end(&mut self, loan: &Loan) {
        self.loans.retain(|one| one != loan);
    }

    /// A connection is gone, and what it was let with it: who comes back is not known to be the
    /// same.
    pub fn leave(&mut self, client: u64) {
        self.deny(client);
        self.take_back(client);
        self.asked.retain(|(other, _)| *other != client);
    }

    /// Forgets what is over.
    pub fn settle(&mut self, now: u64) {
        self.requests.retain(|request| request.until > now);
        self.loans.retain(|loan| !loan.is_over(now));
    }
}

fn as_ms(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
