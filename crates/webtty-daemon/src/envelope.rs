//! Events as text: with their number and time around them, or as server-sent events.

use std::fmt::Write;

use webtty_core::event_log::{Event, Lagged};

/// `{"seq":…,"ts":…,"at":…,"data":…}` around the publisher's own bytes.
pub(crate) fn event(event: &Event) -> String {
    let Event {
        seq,
        ts,
        at,
        payload,
    } = event;
    let data = text(payload);
    format!("{{\"seq\":{seq},\"ts\":{ts},\"at\":{at},\"data\":{data}}}")
}

/// `{"log":{"epoch":…,"seq":…,"resumed":…}}`. An epoch is made of digits and a dash.
pub(crate) fn log(epoch: &str, seq: u64, resumed: bool) -> String {
    format!("{{\"log\":{{\"epoch\":\"{epoch}\",\"seq\":{seq},\"resumed\":{resumed}}}}}")
}

/// `{"lagged":{"skipped":…}}`.
pub(crate) fn lagged(lagged: Lagged) -> String {
    format!("{{\"lagged\":{{\"skipped\":{}}}}}", lagged.skipped)
}

/// Adds an event in the form of the HTML standard, section 9.2.6: its number as `id`, so that a
/// browser asks for what it missed by itself. A published line holds no line end.
pub(crate) fn add_server_sent(out: &mut String, one: &Event, envelope: bool) {
    let data = if envelope {
        event(one)
    } else {
        text(&one.payload).to_owned()
    };
    write!(out, "id: {}\ndata: {data}\n\n", one.seq).expect("a string takes everything");
}

fn text(payload: &[u8]) -> &str {
    std::str::from_utf8(payload).expect("checked when it was published")
}

#[cfg(test)]
mod tests {
    use webtty_protocol::events::{
        EventEnvelope, EventFrame, LaggedNotice, LogNotice, LogPlace, Skipped,
    };

    use super::*;

    fn sample() -> Event {
        Event {
            seq: 7,
            ts: 1764,
            at: 99,
            payload: r#"{"a": "é"}"#.into(),
        }
    }

    #[test]
    fn what_is_written_is_what_the_protocol_says() {
        let frame: EventFrame = serde_json::from_str(&event(&sample())).expect("a frame");
        let data = serde_json::json!({ "a": "é" });
        assert_eq!(
            frame,
            EventFrame::Event(EventEnvelope {
                seq: 7,
                ts: 1764,
                at: 99,
                data
            })
        );
        let frame = serde_json::from_str(&lagged(Lagged { skipped: 3 })).expect("a frame");
        let skipped = LaggedNotice {
            lagged: Skipped { skipped: 3 },
        };
        assert_eq!(EventFrame::Lagged(skipped), frame);
        let frame = serde_json::from_str(&log("1a-2", 5, true)).expect("a frame");
        let place = LogPlace {
            epoch: "1a-2".to_owned(),
            seq: 5,
            resumed: true,
        };
        assert_eq!(EventFrame::Log(LogNotice { log: place }), frame);
    }

    #[test]
    fn a_server_sent_event_is_one_block() {
        let mut out = String::new();
        add_server_sent(&mut out, &sample(), false);
        assert_eq!(out, "id: 7\ndata: {\"a\": \"é\"}\n\n");
    }
}
