//! A bounded table whose rows end by themselves.

use std::collections::{BTreeSet, HashMap};

use crate::backend::{clock::Timestamp, kv::tag::Tag};

/// How many ended rows one write clears away: more than one, so that the table shrinks; few, so that no caller pays
/// for all the others.
const SWEEP: usize = 16;

/// There is no room, and nothing in the table has ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// Rows by tag, at most as many as it was made for.
pub(super) struct Table<V> {
    rows: HashMap<Tag, (Timestamp, V)>,
    /// The same rows by the instant at which they end, the next one first.
    ends: BTreeSet<(Timestamp, Tag)>,
    capacity: usize,
}

impl<V> Table<V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            rows: HashMap::new(),
            ends: BTreeSet::new(),
            capacity,
        }
    }

    /// The row of `tag`, unless it has ended.
    pub(super) fn get_mut(&mut self, tag: &Tag, now: Timestamp) -> Option<&mut V> {
        let (end, value) = self.rows.get_mut(tag)?;
        (now < *end).then_some(value)
    }

    /// Sets the row of `tag`. A new row is refused when the table is full of rows that still count.
    pub(super) fn put(
        &mut self,
        tag: Tag,
        value: V,
        end: Timestamp,
        now: Timestamp,
    ) -> Result<(), Full> {
        self.sweep(now);
        if self.rows.len() >= self.capacity && !self.rows.contains_key(&tag) {
            return Err(Full);
        }
        if let Some((old, _)) = self.rows.insert(tag, (end, value)) {
            self.ends.remove(&(old, tag));
        }
        self.ends.insert((end, tag));
        Ok(())
    }

    /// Clears the row of `tag`, if there is one.
    pub(super) fn remove(&mut self, tag: &Tag) {
        if let Some((end, _)) = self.rows.remove(tag) {
            self.ends.remove(&(end, *tag));
        }
    }

    fn sweep(&mut self, now: Timestamp) {
        for _ in 0..SWEEP {
            let Some((_, tag)) = self.ends.first().filter(|(end, _)| *end <= now).copied() else {
                return;
            };
            self.remove(&tag);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn ov_05_a_full_table_refuses_new_rows_and_keeps_the_others() {
        let mut table = Table::new(2);
        assert_eq!(table.put([1; 16], 'a', at(10), at(0)), Ok(()));
        assert_eq!(table.put([2; 16], 'b', at(20), at(0)), Ok(()));
        assert_eq!(table.put([3; 16], 'c', at(30), at(9)), Err(Full));
        assert_eq!(table.put([1; 16], 'A', at(10), at(9)), Ok(()));
        assert_eq!(table.get_mut(&[1; 16], at(9)), Some(&mut 'A'));
        assert_eq!(table.put([3; 16], 'c', at(30), at(10)), Ok(()));
        assert_eq!(table.get_mut(&[2; 16], at(10)), Some(&mut 'b'));
        assert_eq!(table.get_mut(&[1; 16], at(0)), None);
    }

    #[test]
    fn ended_rows_leave_with_later_writes() {
        let mut table = Table::new(100);
        for tag in 0..100 {
            assert_eq!(table.put([tag; 16], (), at(10), at(0)), Ok(()));
        }
        for tag in 100..110 {
            assert_eq!(table.put([tag; 16], (), at(99), at(10)), Ok(()));
        }
        assert_eq!((table.rows.len(), table.ends.len()), (10, 10));
    }
}
