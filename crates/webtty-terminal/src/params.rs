//! The numbers of a control sequence: parameters and, after colons, their sub-parameters.

/// Parameters of one sequence, and likewise sub-parameters; more are dropped.
const MAX: usize = 32;

/// Parsed numbers. A sub-parameter left out is -1, a parameter left out is 0.
#[derive(Clone, Debug)]
pub(crate) struct Params {
    params: [i32; MAX],
    len: usize,
    subs: [i32; MAX],
    subs_len: usize,
    /// Where the sub-parameters of each parameter begin and end.
    sub_ranges: [(u8, u8); MAX],
    reject_digits: bool,
    reject_sub_digits: bool,
    digit_is_sub: bool,
}

impl Params {
    /// One parameter, 0: what a sequence starts with.
    pub(crate) fn new() -> Params {
        let mut params = Params {
            params: [0; MAX],
            len: 0,
            subs: [0; MAX],
            subs_len: 0,
            sub_ranges: [(0, 0); MAX],
            reject_digits: false,
            reject_sub_digits: false,
            digit_is_sub: false,
        };
        params.add();
        params
    }

    #[inline]
    pub(crate) fn reset(&mut self) {
        self.len = 0;
        self.subs_len = 0;
        self.reject_digits = false;
        self.reject_sub_digits = false;
        self.add();
    }

    pub(crate) fn add(&mut self) {
        self.digit_is_sub = false;
        if self.len >= MAX {
            self.reject_digits = true;
            return;
        }
        let at = self.subs_len as u8;
        self.sub_ranges[self.len] = (at, at);
        self.params[self.len] = 0;
        self.len += 1;
    }

    pub(crate) fn add_sub(&mut self) {
        self.digit_is_sub = true;
        if self.reject_digits || self.subs_len >= MAX {
            self.reject_sub_digits = true;
            return;
        }
        self.subs[self.subs_len] = -1;
        self.subs_len += 1;
        self.sub_ranges[self.len - 1].1 += 1;
    }

    pub(crate) fn add_digit(&mut self, digit: u8) {
        if self.reject_digits || (self.digit_is_sub && self.reject_sub_digits) {
            return;
        }
        let slot = if self.digit_is_sub {
            &mut self.subs[self.subs_len - 1]
        } else {
            &mut self.params[self.len - 1]
        };
        let so_far = (*slot).max(0);
        *slot = so_far.saturating_mul(10).saturating_add(i32::from(digit));
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The parameter at `i`; 0 when it is not there.
    #[inline]
    pub(crate) fn get(&self, i: usize) -> i32 {
        if i < self.len { self.params[i] } else { 0 }
    }

    /// The parameter at `i` as a count: at least 1, at most `max`.
    #[inline]
    pub(crate) fn count(&self, i: usize, max: usize) -> usize {
        (self.get(i).max(1) as usize).min(max)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = i32> {
        self.params[..self.len].iter().copied()
    }

    pub(crate) fn subs(&self, i: usize) -> &[i32] {
        let (start, end) = self.sub_ranges[i];
        &self.subs[usize::from(start)..usize::from(end)]
    }

    /// The text these numbers were read from, or another that reads the same.
    pub(crate) fn write_to(&self, out: &mut Vec<u8>) {
        use std::io::Write;
        for i in 0..self.len {
            if i > 0 {
                out.push(b';');
            }
            // Writing to a vector cannot fail.
            let _ = write!(out, "{}", self.params[i]);
            for &sub in self.subs(i) {
                out.push(b':');
                if sub >= 0 {
                    let _ = write!(out, "{sub}");
                }
            }
        }
        if self.reject_digits {
            out.push(b';');
        }
        if self.digit_is_sub && self.reject_sub_digits {
            out.push(b':');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Params {
        let mut params = Params::new();
        for byte in text.bytes() {
            match byte {
                b';' => params.add(),
                b':' => params.add_sub(),
                digit => params.add_digit(digit - b'0'),
            }
        }
        params
    }

    #[test]
    fn what_is_left_out_is_zero_or_minus_one() {
        let params = read("4:;;38:2::1");
        assert_eq!(params.iter().collect::<Vec<_>>(), [4, 0, 38]);
        assert_eq!(params.subs(0), [-1]);
        assert_eq!(params.subs(2), [2, -1, 1]);
    }

    #[test]
    fn numbers_saturate_and_surplus_is_dropped() {
        assert_eq!(read("99999999999").get(0), i32::MAX);
        let many = read(&"7;".repeat(40));
        assert_eq!((many.len(), many.get(31)), (32, 7));
        let subs = read(&format!("1{}", ":5".repeat(40)));
        assert_eq!(subs.subs(0).len(), 32);
    }

    #[test]
    fn the_written_form_reads_the_same() {
        for text in [
            "",
            "1;2",
            "4:3",
            "38:2::1:2:3;1",
            "4:",
            &"1;".repeat(40),
            &"1:2".repeat(20),
        ] {
            let params = read(text);
            let mut out = Vec::new();
            params.write_to(&mut out);
            let again = read(std::str::from_utf8(&out).unwrap());
            assert_eq!(format!("{params:?}"), format!("{again:?}"), "{text}");
        }
    }
}
