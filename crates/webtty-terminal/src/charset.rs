//! Character sets: which ASCII characters stand for others.

/// A designated set; plain ASCII is no set at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Charset(u8);

/// What can be designated, by final byte. Finals with equal sets share an entry.
const SETS: &[(u8, &str, &str)] = &[
    (
        b'0',
        "`abcdefghijklmnopqrstuvwxyz{|}~",
        "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·",
    ),
    (b'A', "#", "£"),
    (b'4', "#@[\\]{|}~", "£¾i½|¨f¼´"),
    (b'5', "[\\]^`{|}~", "ÄÖÅÜéäöåü"),
    (b'R', "#@[\\]{|}~", "£à°ç§éùè¨"),
    (b'Q', "@[\\]^`{|}~", "àâçêîôéùèû"),
    (b'K', "@[\\]{|}~", "§ÄÖÜäöüß"),
    (b'Y', "#@[\\]`{|}~", "£§°çéùàòèì"),
    (b'6', "@[\\]^`{|}~", "ÄÆØÅÜäæøåü"),
    (b'Z', "#@[\\]{|}", "£§¡Ñ¿°ñç"),
    (b'7', "@[\\]^`{|}~", "ÉÄÖÅÜéäöåü"),
    (b'=', "#@[\\]^_`{|}~", "ùàéçêîèôäöüû"),
];

impl Charset {
    /// Whether `last` names a set, and which; `B` is ASCII.
    pub(crate) fn named(last: u8) -> Option<Option<Charset>> {
        let last = match last {
            b'C' => b'5',
            b'E' => b'6',
            b'H' => b'7',
            b'B' => return Some(None),
            last => last,
        };
        let at = SETS.iter().position(|set| set.0 == last)?;
        Some(Some(Charset(at as u8)))
    }

    fn set(self) -> &'static (u8, &'static str, &'static str) {
        &SETS[usize::from(self.0)]
    }

    /// The final byte that designates this set.
    pub(crate) fn last(self) -> u8 {
        self.set().0
    }

    /// What `code` stands for.
    pub(crate) fn map(self, code: u32) -> u32 {
        let (_, from, to) = self.set();
        match from.bytes().position(|byte| u32::from(byte) == code) {
            Some(at) => to.chars().nth(at).map_or(code, u32::from),
            None => code,
        }
    }

    /// What to print so that `code` appears, if anything does.
    pub(crate) fn source(self, code: u32) -> Option<u32> {
        if code >= 0x7F || self.map(code) == code {
            return Some(code);
        }
        let (_, from, to) = self.set();
        let at = to.chars().position(|c| u32::from(c) == code)?;
        from.as_bytes().get(at).copied().map(u32::from)
    }
}

/// The four designated sets and which is in use. The set in use is kept apart from the
/// designated ones because restoring the cursor changes it alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Charsets {
    pub(crate) designated: [Option<Charset>; 4],
    pub(crate) level: usize,
    pub(crate) active: Option<Charset>,
}

impl Charsets {
    pub(crate) fn shift(&mut self, level: usize) {
        self.level = level;
        self.active = self.designated[level];
    }

    pub(crate) fn designate(&mut self, level: usize, set: Option<Charset>) {
        self.designated[level] = set;
        if self.level == level {
            self.active = set;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_maps_as_many_characters_as_it_names() {
        for (last, from, to) in SETS {
            assert_eq!(from.len(), to.chars().count(), "{}", char::from(*last));
            let set = Charset::named(*last).flatten().unwrap();
            assert_eq!(set.last(), *last);
        }
    }

    #[test]
    fn a_source_maps_to_what_was_asked_for() {
        for (last, from, _) in SETS {
            let set = Charset::named(*last).flatten().unwrap();
            for byte in from.bytes() {
                let code = set.map(u32::from(byte));
                assert_eq!(set.source(code).map(|s| set.map(s)), Some(code));
            }
        }
    }
}
