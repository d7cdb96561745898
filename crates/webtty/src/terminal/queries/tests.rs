//! What is shown, and what is not, however it is cut.

use super::*;

/// What is shown of it, with this filter.
fn filtered(mut filter: QueryFilter, pieces: &[&[u8]]) -> Vec<u8> {
    let (mut out, mut taken) = (BytesMut::new(), 0);
    for piece in pieces {
        taken += filter.feed(piece, &mut out);
    }
    let came: usize = pieces.iter().map(|piece| piece.len()).sum();
    assert_eq!(out.len() + taken + filter.held(), came);
    out.to_vec()
}

#[track_caller]
fn check(text: &[u8], shown: &[u8]) {
    for cut in 0..text.len() {
        let out = filtered(QueryFilter::default(), &[&text[..cut], &text[cut..]]);
        assert_eq!(
            out,
            shown,
            "{} cut at {cut}: {}",
            text.escape_ascii(),
            out.escape_ascii()
        );
    }
}

#[track_caller]
fn check_unchanged(text: &[u8]) {
    check(text, text);
}

#[test]
fn questions_are_taken_out_however_they_are_cut() {
    let questions: [&[u8]; 36] = [
        b"\x1b]52;c;?\x07",
        b"\x1b]011;?\x07",
        b"\x1b[c",
        b"\x1b[>0c",
        b"\x1b[=c",
        b"\x1b[5n",
        b"\x1b[?6n",
        b"\x1b[?2026$p",
        b"\x1b[>0q",
        b"\x1b[?u",
        b"\x1b[14t",
        b"\x1b[0014;2t",
        b"\x1b[x",
        b"\x1bZ",
        b"\x1b]11;?\x07",
        b"\x1b]4;1;?\x1b\\",
        b"\x1b]21;foreground=?\x1b\\",
        b"\x1bP+q544e\x1b\\",
        b"\x1bP$qm\x1b\\",
        b"\x1bP1$qm\x1b\\",
        b"\x05",
        // With C1 controls.
        b"\xc2\x9bc",
        b"\xc2\x9a",
        b"\xc2\x9d11;?\xc2\x9c",
        b"\xc2\x90$qm\xc2\x9c",
        // With bytes between that terminals leave out.
        b"\x1b\x7f[c",
        b"\x1b[\x7f5\x7fn",
        b"\x1b]1\x001;\x00?\x07",
        b"\x1b]1\x801;?\xff\x07",
        b"\x1bP\x01$q\x01m\x1b\\",
        // More of what xterm, kitty and iTerm2 answer.
        b"\x1b[?1;1S",
        b"\x1b[?4m",
        b"\x1b_Gi=1,a=q;AAAA\x1b\\",
        b"\x1b]1337;ReportCellSize\x07",
        b"\x1b]5522;type=read;Lg==\x1b\\",
        // Not to us but to a terminal further out.
        b"\x1bPtmux;x\x1b\\",
    ];
    for question in questions {
        check(&[b"a", question, b"b"].concat(), b"ab");
    }
    let long = [b"\x1b]4;".as_slice(), &[b'1'; 5000], b";?\x07"].concat();
    let out = filtered(QueryFilter::default(), &[b"a", &long, b"b"]);
    assert_eq!(out, b"ab");
}

#[test]
fn controls_inside_what_is_taken_out_are_shown() {
    check(b"a\x1b[\r\n5nb", b"a\r\nb");
    check(b"a\x1b\r]52;c;aGk=\x07b", b"a\rb");
    check(b"a\x1b[\x18cb", b"a\x1b[\x18cb");
}

#[test]
fn a_clipboard_is_found_in_broken_sequences() {
    for (text, shown) in [
        // Broken off by two escapes.
        (
            b"\x1b]0;x\x1b\x1b]52;c;aGk=\x07y".as_slice(),
            b"\x1b]0;x\x1b\x18y".as_slice(),
        ),
        (b"\x1b]0;x\x1b\x1b[cy", b"\x1b]0;x\x1b\x18y"),
        (b"\x1b\x1b]52;c;aGk=\x07y", b"\x1b\x18y"),
        // With a control after the escape, or in the number.
        (b"\x1b\r]52;c;aGk=\x07y", b"\ry"),
        (b"\x1b\x7f]52;c;aGk=\x07y", b"y"),
        (b"\x1b]5\x002;c;aGk=\x07y", b"y"),
        (b"\x1b]5\x7f\xff2;c;aGk=\x07y", b"y"),
        (b"\x1b] +052;c;aGk=\x07y", b"y"),
        // In the C1 form, and ended by one.
        (b"\xc2\x9d52;c;aGk=\x07y", b"y"),
        (b"\xc2\x9d52;c;aGk=\xc2\x9cy", b"y"),
        // Put together from what is left.
        (b"\xc2\x05\x9d52;c;aGk=\x07y", b"y"),
        (
            b"\x1b]5\x1b]52;x\x072;c;aGk=\x07y",
            b"\x1b]5\x182;c;aGk=\x07y",
        ),
        (b"\xc2\x1b[c\x9d52;c;aGk=\x07", b"\xc2\x18\x9d52;c;aGk=\x07"),
        // Where a terminal goes on after a byte that breaks it off for others.
        (b"\x1b\xc3\xa9]52;c;aGk=\x07", b"\xc3\xa9]52;c;aGk=\x07"),
        (b"\x1b\xc2\x9d]52;c;aGk=\x07y", b"\xc2\x9d]52;c;aGk=\x07y"),
        (b"\x1b[\xe6\xbc\xa2c", b"\xe6\xbc\xa2c"),
        // Where bytes are no longer UTF-8.
        (b"\x1b%@\xe952", b"\xe952"),
        (b"\x1b]1337;Copy=:aGk=\x07y", b"y"),
    ] {
        check(text, shown);
    }
}

#[test]
fn programs_set_the_clipboard_only_where_they_may() {
    let long = [b"\x1b]52;c;".as_slice(), &[b'A'; 90_000]].concat();
    for sequence in [
        b"\x1b]52;c;aGVsbG8=\x07".to_vec(),
        b"\x1b]052;;aGVsbG8=\x1b\\".to_vec(),
        [&long[..], b"\x07"].concat(),
        [&long[..], b"\x1b\\"].concat(),
        [&long[..], b"\xc2\x9c"].concat(),
        [&long[..], b"\x18"].concat(),
    ] {
        let text = [b"a", &sequence[..], b"b"].concat();
        for cut in [0, 1, 3, 9, sequence.len() - 1, sequence.len(), text.len()] {
            let out = filtered(QueryFilter::default(), &[&text[..cut], &text[cut..]]);
            assert_eq!(out, b"ab", "cut at {cut}");
        }
        let mut filter = QueryFilter::default();
        filter.let_clipboard(true);
        assert_eq!(filtered(filter, &[&text]), text);
    }
    let text = [&long[..], b"\x1b[1mx"].concat();
    let out = filtered(QueryFilter::default(), &[&text]);
    assert_eq!(out, b"\x1b[1mx", "one that is broken off");
    let mut filter = QueryFilter::default();
    filter.let_clipboard(true);
    assert_eq!(filtered(filter, &[b"a\x1b]52;c;?\x07b"]), b"ab");
}

#[test]
fn everything_else_is_shown_as_it_is() {
    for other in [
        "é漢©".as_bytes(),
        b"\x1b[31m",
        b"\x1b[3\r1m",
        b"\x1b[2J\x1b[H",
        b"\x1b[!p",
        b"\x1b[4 q",
        b"\x1b[>4;1m",
        b"\x1b[>4n",
        b"\x1b[=1u\x1b[<u\x1b[>1u",
        b"\x1b[22;0t",
        b"\x1b]0;title?\x07",
        b"\x1b]0;\xc3\xa9\xc2\xa9\x1b\\",
        b"\x1b]11;#ffffff\x07",
        b"\x1b]104\x1b\\",
        b"\x1b]1337;File=inline=1:AAAA\x07",
        b"\x1b]8;;http://a/?;?\x1b\\link\x1b]8;;\x1b\\",
        b"\x1b(0\x1b7\x1b8\x1bM\x1b%G",
        b"\x1b[3\x1b[1m",
        b"\x1b]0;cut\x1b[1mshort",
        b"\x1b_Gi=1,a=T;AAAA\x1b\\",
        b"\x1bPq#0;2;0;0;0~\x1b\\",
        b"\x1b[3\x18x",
        b"\xc2\x9b1m\xc2\x85",
        b"\xc2\xc2\xa9\x80",
    ] {
        check_unchanged(other);
    }
    let long = [b"\x1b]0;".as_slice(), &[b'x'; 90_000], b"\x07"].concat();
    assert_eq!(filtered(QueryFilter::default(), &[&long]), long);
}

#[test]
fn memory_is_bounded() {
    for start in ["\x1b[", "\x1b(", "\x1bP", "\x1b]4;", "\x1b]", "\x1b_Gx="] {
        for filler in ["0", ";", "\r"] {
            let mut filter = QueryFilter::default();
            let mut out = BytesMut::new();
            filter.feed(start.as_bytes(), &mut out);
            for _ in 0..100 {
                filter.feed(filler.repeat(1000).as_bytes(), &mut out);
                assert!(filter.held() <= MAX_STRING_BYTES + 1, "{start:?}");
                assert!(filter.executed.len() <= MAX_SEQUENCE_BYTES, "{start:?}");
            }
            filter.feed(b"\x1b\\\x1b[cshown", &mut out);
            assert!(out.ends_with(b"shown"), "{start:?}");
            assert!(filter.is_between());
        }
    }
}
