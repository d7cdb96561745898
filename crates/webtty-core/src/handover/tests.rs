//! The engine, in examples and held against a plain account of what happened.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const PAUSE: u64 = 5_000;
const WAIT: u64 = 120_000;

fn loan(client: u64, until: Option<u64>) -> Loan {
    Loan {
        client,
        lender: None,
        until,
    }
}

#[test]
fn who_asks_waits_until_answered_or_until_nobody_has() {
    let mut handover = Handover::default();
    assert_eq!(handover.ask(1, 0), RequestState::Waiting);
    assert_eq!(handover.ask(1, 1), RequestState::Waiting, "once is enough");
    assert_eq!(handover.requests().len(), 1);
    assert!(handover.request(1, WAIT - 1).is_some());
    assert_eq!(handover.request(1, WAIT), None, "nobody answered");
    handover.settle(WAIT);
    assert!(handover.requests().is_empty());
}

#[test]
fn nobody_asks_more_often_than_every_few_seconds() {
    let mut handover = Handover::default();
    handover.ask(1, 0);
    handover.deny(1);
    assert_eq!(handover.ask(1, PAUSE - 1), RequestState::TooSoon);
    assert_eq!(handover.ask(2, PAUSE - 1), RequestState::Waiting);
    assert_eq!(handover.ask(1, PAUSE), RequestState::Waiting);
    handover.leave(1);
    assert_eq!(handover.requests().len(), 1);
}

#[test]
fn eight_ask_at_one_time_and_a_ninth_does_not() {
    let mut handover = Handover::default();
    for client in 0..MAX_CONTROL_REQUESTS as u64 {
        assert_eq!(handover.ask(client, 0), RequestState::Waiting);
    }
    assert_eq!(handover.ask(99, 0), RequestState::TooMany);
    handover.deny(0);
    assert_eq!(
        handover.ask(99, 0),
        RequestState::Waiting,
        "nor must it wait"
    );
}

#[test]
fn sixteen_are_let_at_one_time_and_a_seventeenth_is_not() {
    let mut handover = Handover::default();
    for client in 0..MAX_CONTROL_LOANS as u64 {
        assert!(handover.lend(loan(client, Some(10)), 0));
    }
    assert!(!handover.lend(loan(99, None), 9));
    assert!(handover.lend(loan(3, None), 9), "it has a place");
    assert!(handover.lend(loan(99, None), 10), "the others' are over");
    assert_eq!(handover.loans().len(), 2);
}

/// What may happen, to one of a few connections.
#[derive(Clone, Debug)]
enum Happens {
    Ask(u64),
    Lend(u64, Option<u64>),
    Deny(u64),
    TakeBack(u64),
    Leave(u64),
    Settle,
    Time(u64),
}

fn happens() -> impl Strategy<Value = Happens> {
    let who = 0u64..24;
    prop_oneof![
        who.clone().prop_map(Happens::Ask),
        (who.clone(), prop::option::of(0u64..10_000)).prop_map(|(who, ms)| Happens::Lend(who, ms)),
        who.clone().prop_map(Happens::Deny),
        who.clone().prop_map(Happens::TakeBack),
        who.prop_map(Happens::Leave),
        Just(Happens::Settle),
        (0u64..8_000).prop_map(Happens::Time),
    ]
}

proptest! {
    /// Held against the plainest account of it: who was let last, until when, and not ended since.
    #[test]
    fn no_loan_outlives_its_end_and_nobody_types_who_was_not_let(
        story in prop::collection::vec(happens(), 1..200),
    ) {
        let mut handover = Handover::default();
        let mut let_until: BTreeMap<u64, u64> = BTreeMap::new();
        let mut now = 1_000_000;
        for step in story {
            match step {
                Happens::Ask(who) => { handover.ask(who, now); }
                Happens::Lend(who, ms) => {
                    let until = ms.map(|ms| now + ms);
                    if handover.lend(loan(who, until), now) {
                        let_until.insert(who, until.unwrap_or(u64::MAX));
                    }
                }
                Happens::Deny(who) => handover.deny(who),
                Happens::TakeBack(who) => { handover.take_back(who); let_until.remove(&who); }
                Happens::Leave(who) => { handover.leave(who); let_until.remove(&who); }
                Happens::Settle => handover.settle(now),
                Happens::Time(ms) => now += ms,
            }
            for who in 0..24 {
                let may = let_until.get(&who).is_some_and(|&until| now < until);
                prop_assert_eq!(handover.loan(who, now).is_some(), may, "{} at {}", who, now);
            }
            prop_assert!(handover.requests().len() <= MAX_CONTROL_REQUESTS);
            prop_assert!(handover.loans().len() <= MAX_CONTROL_LOANS);
        }
    }
}
