//! The numbers of pens and links: given when something is written with them, taken back when
//! no cell has them any more.

use std::collections::HashSet;

use crate::cell::Pen;
use crate::grid_cell::GridCell;
use crate::state::State;

impl State {
    /// The number of the pen.
    #[inline]
    pub(crate) fn style(&mut self) -> u32 {
        if self.ink.written.0 != self.pen {
            self.ink.written = (self.pen, self.number(self.pen));
        }
        self.ink.written.1
    }

    /// The cell that erasing leaves behind.
    #[inline]
    pub(crate) fn erased(&mut self) -> GridCell {
        let pen = self.pen.erased();
        if self.ink.erased.0 != pen {
            self.ink.erased = (pen, self.number(pen));
        }
        GridCell::empty(self.ink.erased.1)
    }

    /// The number of any pen. It is to be written to the screen before another is asked for.
    pub(crate) fn number(&mut self, pen: Pen) -> u32 {
        if self.styles.wants_sweep() {
            self.styles.sweep(|used| {
                used(self.ink.written.1);
                used(self.ink.erased.1);
                let screens = [&self.normal.screen, &self.alternate.screen];
                screens
                    .into_iter()
                    .for_each(|screen| screen.each_style(used));
            });
        }
        self.styles.number(pen)
    }

    /// Forgets the links that no cell has.
    pub(crate) fn sweep_links(&mut self) {
        let mut used = HashSet::new();
        used.insert(self.pen.link);
        for buffer in [&self.normal, &self.alternate] {
            buffer.scrollback.each_link(&mut |link| {
                used.insert(link);
            });
            let mut last = 0;
            buffer.screen.each_style(&mut |style| {
                if style != last {
                    last = style;
                    used.insert(self.styles.pen(style).link);
                }
            });
        }
        self.links.retain(|link| used.contains(&link));
    }
}
