//! What is shown: text as programs print it, the same in each run.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

const MEGABYTE: usize = 1_000_000;

/// Lines of words.
pub(crate) fn plain_text(megabytes: usize) -> Vec<u8> {
    let mut dice = Dice(1);
    let mut text = Vec::with_capacity(megabytes * MEGABYTE + 200);
    while text.len() < megabytes * MEGABYTE {
        plain_line(&mut dice, &mut text);
    }
    text
}

/// So many such lines.
pub(crate) fn plain_lines(lines: usize) -> Vec<u8> {
    let mut dice = Dice(2);
    let mut text = Vec::new();
    (0..lines).for_each(|_| plain_line(&mut dice, &mut text));
    text
}

/// Text in which every few characters have a colour of their own.
pub(crate) fn truecolor_text(megabytes: usize) -> Vec<u8> {
    let mut dice = Dice(3);
    let mut text = Vec::with_capacity(megabytes * MEGABYTE + 2000);
    while text.len() < megabytes * MEGABYTE {
        for _ in 0..20 {
            let (red, green, blue) = (dice.below(256), dice.below(256), dice.below(256));
            let _ = write!(text, "\x1b[38;2;{red};{green};{blue}m");
            dice.word(&mut text);
        }
        text.extend_from_slice(b"\x1b[m\n");
    }
    text
}

/// A file of it.
pub(crate) fn file(dir: &Path, name: &str, content: &[u8]) -> Result<PathBuf> {
    let path = dir.join(name);
    fs::write(&path, content).with_context(|| format!("writing {name}"))?;
    Ok(path)
}

fn plain_line(dice: &mut Dice, text: &mut Vec<u8>) {
    let start = text.len();
    let most = 20 + dice.below(58) as usize;
    while text.len() - start < most {
        dice.word(text);
        text.push(b' ');
    }
    text.push(b'\n');
}

/// Numbers without order that are the same each time (a linear congruential generator).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn word(&mut self, text: &mut Vec<u8>) {
        for _ in 0..2 + self.below(6) {
            text.push(b'a' + u8::try_from(self.below(26)).expect("a letter"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn material_is_the_same_each_time_and_holds_no_marker() {
        let text = truecolor_text(1);
        assert!(text == truecolor_text(1) && text.len() >= MEGABYTE);
        assert!(!text.contains(&b'<') && !plain_text(1).contains(&b'<'));
        let lines = plain_lines(10);
        assert_eq!(lines.iter().filter(|&&byte| byte == b'\n').count(), 10);
    }
}
