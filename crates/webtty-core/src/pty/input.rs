//! Input on its way to a shell.

use std::collections::VecDeque;

use bytes::{Buf, Bytes};
use tokio::sync::OwnedSemaphorePermit;

/// Bytes for the shell, with the share of their client's budget that they hold until written.
#[derive(Debug)]
pub(crate) struct Input {
    /// What to write; whole, before any other client's.
    pub(crate) bytes: Bytes,
    /// Given back when the bytes have been written or dropped. The terminal's own answers have
    /// none.
    pub(crate) permit: Option<OwnedSemaphorePermit>,
}

/// Inputs of all clients in the order they came. Its size is bounded by the clients' budgets.
#[derive(Debug, Default)]
pub(super) struct InputQueue {
    waiting: VecDeque<Input>,
}

impl InputQueue {
    pub(super) fn push(&mut self, input: Input) {
        if !input.bytes.is_empty() {
            self.waiting.push_back(input);
        }
    }

    /// Puts back what could not be written whole, before all that came after it.
    pub(super) fn put_back(&mut self, input: Input) {
        if !input.bytes.is_empty() {
            self.waiting.push_front(input);
        }
    }

    /// How many bytes of the terminal's own answers wait.
    pub(super) fn replies(&self) -> usize {
        let replies = self.waiting.iter().filter(|input| input.permit.is_none());
        replies.map(|input| input.bytes.len()).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The bytes to write next.
    pub(super) fn front(&self) -> Option<Bytes> {
        self.waiting.front().map(|input| input.bytes.clone())
    }

    /// Says that so many bytes of the front were written.
    pub(super) fn advance(&mut self, count: usize) {
        if let Some(input) = self.waiting.front_mut() {
            input.bytes.advance(count);
            if input.bytes.is_empty() {
                self.waiting.pop_front();
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_comes_back_only_when_all_of_an_input_is_written() {
        let budget = std::sync::Arc::new(tokio::sync::Semaphore::new(5));
        let permit = budget.clone().try_acquire_many_owned(5).expect("free");
        let mut queue = InputQueue::default();
        queue.push(Input {
            bytes: Bytes::from_static(b"hello"),
            permit: Some(permit),
        });
        queue.push(Input {
            bytes: Bytes::new(),
            permit: None,
        });
        queue.advance(4);
        assert_eq!(queue.front(), Some(Bytes::from_static(b"o")));
        assert_eq!(budget.available_permits(), 0);
        queue.advance(1);
        assert_eq!(budget.available_permits(), 5);
        assert!(queue.is_empty());
    }
}
