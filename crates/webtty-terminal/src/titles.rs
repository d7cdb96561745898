//! The window's title and icon name, and their stacks.

/// Bytes of a title; a longer one is cut at a character.
pub(crate) const MAX_TITLE: usize = 256;
/// Entries of each stack; beyond it the oldest goes.
const MAX_PUSHED: usize = 10;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Titles {
    pub(crate) title: String,
    pub(crate) icon: String,
    pub(crate) pushed_titles: Vec<String>,
    pub(crate) pushed_icons: Vec<String>,
    /// Rises whenever the title is set.
    pub(crate) changes: u64,
}

impl Titles {
    pub(crate) fn set_title(&mut self, title: &str) {
        self.title = cut(title);
        self.changes += 1;
    }

    pub(crate) fn set_icon(&mut self, icon: &str) {
        self.icon = cut(icon);
    }

    /// `CSI 22 ; which t`: 0 both, 1 icon, 2 title.
    pub(crate) fn push(&mut self, which: i32) {
        if which == 0 || which == 2 {
            push(&mut self.pushed_titles, &self.title);
        }
        if which == 0 || which == 1 {
            push(&mut self.pushed_icons, &self.icon);
        }
    }

    /// `CSI 23 ; which t`.
    pub(crate) fn pop(&mut self, which: i32) {
        if (which == 0 || which == 2)
            && let Some(title) = self.pushed_titles.pop()
        {
            self.title = title;
            self.changes += 1;
        }
        if (which == 0 || which == 1)
            && let Some(icon) = self.pushed_icons.pop()
        {
            self.icon = icon;
        }
    }
}

fn push(stack: &mut Vec<String>, text: &str) {
    if stack.len() == MAX_PUSHED {
        stack.remove(0);
    }
    stack.push(text.to_owned());
}

fn cut(text: &str) -> String {
    let mut end = text.len().min(MAX_TITLE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}
