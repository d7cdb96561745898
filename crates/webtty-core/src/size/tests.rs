//! What each policy means, by example and for whatever windows do.

use proptest::prelude::*;

use super::*;

const WIDE: Window = window(200, 50);
const PHONE: Window = window(40, 60);

const fn window(cols: u16, rows: u16) -> Window {
    Window {
        size: Size { cols, rows },
        metrics: None,
    }
}

fn sizing(policy: SizePolicy) -> Sizing {
    let size = Size { cols: 80, rows: 24 };
    Sizing::new(policy, size)
}

fn outcome(sizing: &Sizing) -> ((u16, u16), Option<u64>) {
    let Shape { window, by, .. } = sizing.shape();
    ((window.size.cols, window.size.rows), by)
}

#[test]
fn a_phone_that_joins_changes_nothing_until_it_types() {
    let mut sizing = sizing(SizePolicy::Driver);
    sizing.join(1, Some(WIDE));
    sizing.join(2, Some(PHONE));
    sizing.resize(2, PHONE);
    assert_eq!(outcome(&sizing), ((200, 50), Some(1)));
    sizing.typed(9);
    assert_eq!(outcome(&sizing), ((200, 50), Some(1)), "not a controller");
    sizing.typed(2);
    assert_eq!(outcome(&sizing), ((40, 60), Some(2)));
    sizing.typed(2);
    sizing.resize(1, WIDE);
    assert_eq!(outcome(&sizing), ((40, 60), Some(2)));
    sizing.typed(1);
    assert_eq!(outcome(&sizing), ((200, 50), Some(1)));
}

#[test]
fn when_the_driver_leaves_the_next_to_act_drives() {
    let mut sizing = sizing(SizePolicy::Driver);
    sizing.join(1, Some(WIDE));
    sizing.join(2, Some(PHONE));
    sizing.leave(1);
    assert_eq!(outcome(&sizing), ((200, 50), None), "nothing moves");
    sizing.resize(2, PHONE);
    assert_eq!(outcome(&sizing), ((40, 60), Some(2)));
}

#[test]
fn who_has_not_said_how_large_it_is_sets_no_size() {
    for policy in [SizePolicy::Driver, SizePolicy::Latest, SizePolicy::Smallest] {
        let mut sizing = sizing(policy);
        sizing.join(1, None);
        sizing.typed(1);
        assert_eq!(outcome(&sizing).0, (80, 24), "{policy:?}");
        sizing.resize(1, PHONE);
        assert_eq!(outcome(&sizing), ((40, 60), Some(1)), "{policy:?}");
    }
}

#[test]
fn the_smallest_may_be_of_two_windows() {
    let mut sizing = sizing(SizePolicy::Smallest);
    sizing.join(1, Some(WIDE));
    sizing.join(2, Some(PHONE));
    assert_eq!(outcome(&sizing), ((40, 50), None));
    sizing.resize(1, window(30, 20));
    assert_eq!(outcome(&sizing), ((30, 20), Some(1)));
    sizing.leave(1);
    assert_eq!(outcome(&sizing), ((40, 60), Some(2)));
    sizing.leave(2);
    assert_eq!(outcome(&sizing), ((40, 60), None));
}

#[test]
fn the_latest_is_who_did_anything() {
    let mut sizing = sizing(SizePolicy::Latest);
    sizing.join(1, Some(WIDE));
    sizing.join(2, Some(PHONE));
    assert_eq!(outcome(&sizing), ((40, 60), Some(2)));
    sizing.typed(1);
    assert_eq!(outcome(&sizing), ((200, 50), Some(1)));
    sizing.resize(2, PHONE);
    sizing.leave(2);
    assert_eq!(outcome(&sizing), ((200, 50), Some(1)), "the latest but one");
}

#[test]
fn a_fixed_size_is_let_go_by_another_policy() {
    let mut sizing = sizing(SizePolicy::Driver);
    sizing.join(1, Some(WIDE));
    let fixed = Size {
        cols: 100,
        rows: 30,
    };
    sizing.set_policy(SizePolicy::Fixed, Some(fixed));
    sizing.typed(1);
    sizing.resize(1, PHONE);
    assert_eq!(outcome(&sizing), ((100, 30), None));
    sizing.set_policy(SizePolicy::Fixed, None);
    assert_eq!(outcome(&sizing), ((100, 30), None));
    sizing.set_policy(SizePolicy::Driver, None);
    assert_eq!(outcome(&sizing), ((40, 60), Some(1)));
}

#[test]
fn programs_are_told_of_the_drivers_cells() {
    let metrics = |cell_width, cell_height| {
        Some(Metrics {
            cell_width,
            cell_height,
        })
    };
    let with = |window: Window, metrics| Some(Window { metrics, ..window });
    let mut sizing = sizing(SizePolicy::Driver);
    sizing.join(1, with(WIDE, metrics(9, 18)));
    sizing.join(2, with(PHONE, metrics(21, 42)));
    assert_eq!(sizing.shape().window.metrics, metrics(9, 18));
    sizing.typed(2);
    assert_eq!(sizing.shape().window.metrics, metrics(21, 42));
    let fixed = Size {
        cols: 100,
        rows: 30,
    };
    sizing.set_policy(SizePolicy::Fixed, Some(fixed));
    sizing.typed(1);
    assert_eq!(sizing.shape().window.metrics, metrics(9, 18));
}

#[derive(Clone, Debug)]
enum Act {
    Join(u64, Option<(u16, u16)>),
    Leave(u64),
    Resize(u64, (u16, u16)),
    Type(u64),
    Policy(SizePolicy, Option<(u16, u16)>),
}

fn act() -> impl Strategy<Value = Act> {
    let client = 0..5_u64;
    let size = || (1..6_u16, 1..6_u16);
    let policies = [
        SizePolicy::Driver,
        SizePolicy::Smallest,
        SizePolicy::Latest,
        SizePolicy::Fixed,
    ];
    prop_oneof![
        (client.clone(), proptest::option::of(size())).prop_map(|(c, s)| Act::Join(c, s)),
        client.clone().prop_map(Act::Leave),
        (client.clone(), size()).prop_map(|(c, s)| Act::Resize(c, s)),
        client.prop_map(Act::Type),
        (
            proptest::sample::select(policies.to_vec()),
            proptest::option::of(size())
        )
            .prop_map(|(p, s)| Act::Policy(p, s)),
    ]
}

/// Who is here, with what window, and when it last did something.
type Here = (u64, Option<(u16, u16)>, usize);

/// What each policy promises, said of the whole history instead of step by step.
struct Model {
    here: Vec<Here>,
    driver: Option<u64>,
    policy: SizePolicy,
    size: (u16, u16),
}

impl Model {
    fn take(&mut self, at: usize, act: &Act) {
        match *act {
            Act::Join(client, size) => {
                self.here.push((client, size, at));
                self.driver = self.driver.or(Some(client));
            }
            Act::Leave(client) => {
                self.here.retain(|one| one.0 != client);
                self.driver = self.driver.filter(|&driver| driver != client);
            }
            Act::Resize(client, size) => {
                let one = self.here.iter_mut().find(|one| one.0 == client);
                *one.expect("here") = (client, Some(size), at);
                self.driver = self.driver.or(Some(client));
            }
            Act::Type(client) => {
                let one = self.here.iter_mut().find(|one| one.0 == client);
                one.expect("here").2 = at;
                self.driver = Some(client);
            }
            Act::Policy(policy, size) => {
                self.policy = policy;
                if policy == SizePolicy::Fixed {
                    self.size = size.unwrap_or(self.size);
                }
            }
        }
        let windows = || self.here.iter().filter_map(|one| Some((one, one.1?)));
        let decided = match self.policy {
            SizePolicy::Driver => windows().find(|(one, _)| Some(one.0) == self.driver),
            SizePolicy::Latest => windows().max_by_key(|(one, _)| one.2),
            SizePolicy::Smallest => {
                let cols = windows().map(|(_, size)| size.0).min();
                let rows = windows().map(|(_, size)| size.1).min();
                self.size = cols.zip(rows).unwrap_or(self.size);
                None
            }
            SizePolicy::Fixed => None,
        };
        self.size = decided.map_or(self.size, |(_, size)| size);
    }

    fn is_here(&self, client: u64) -> bool {
        self.here.iter().any(|one| one.0 == client)
    }
}

proptest! {
    #[test]
    fn every_policy_keeps_its_promise_whatever_windows_do(acts in proptest::collection::vec(act(), 1..80)) {
        let mut sizing = sizing(SizePolicy::Driver);
        let mut model = Model { here: vec![], driver: None, policy: SizePolicy::Driver, size: (80, 24) };
        for (at, act) in acts.iter().enumerate() {
            let makes_sense = match *act {
                Act::Join(client, _) => !model.is_here(client),
                Act::Leave(client) | Act::Resize(client, _) | Act::Type(client) => model.is_here(client),
                Act::Policy(..) => true,
            };
            if !makes_sense {
                continue;
            }
            let before = sizing.shape();
            match *act {
                Act::Join(client, size) => sizing.join(client, size.map(|(c, r)| window(c, r))),
                Act::Leave(client) => sizing.leave(client),
                Act::Resize(client, (cols, rows)) => sizing.resize(client, window(cols, rows)),
                Act::Type(client) => sizing.typed(client),
                Act::Policy(policy, size) => {
                    sizing.set_policy(policy, size.map(|(cols, rows)| Size { cols, rows }));
                }
            }
            model.take(at, act);
            let (size, by) = outcome(&sizing);
            prop_assert_eq!(size, model.size, "{:?} at {}", act, at);
            if let Some(by) = by {
                prop_assert!(model.is_here(by), "decided by who has left");
                let window = sizing.window_of(Some(by));
                prop_assert!(window.is_none_or(|window| (window.size.cols, window.size.rows) == size));
            }
            if matches!((model.policy, act), (SizePolicy::Fixed, Act::Join(..) | Act::Leave(_) | Act::Resize(..) | Act::Type(_))) {
                prop_assert_eq!(sizing.shape().window.size, before.window.size);
            }
        }
    }
}
