//! Optional byte strings, back to back.

/// A column of optional byte strings, in the shape of the WIT record `message-parser.column`: what a
/// consumer appends is what a guest gets, without another copy in between.
///
/// Null items are counted but stored only once there is an item with bytes: a topic without keys
/// costs nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Column {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    nulls: Vec<u32>,
    len: u32,
}

impl Column {
    /// An empty column with room for `items` items of `bytes` bytes in all.
    pub(super) fn with_room(items: usize, bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            ends: Vec::with_capacity(items),
            ..Self::default()
        }
    }

    /// The column of `items` items that these lists describe, as [`Column::bytes`],
    /// [`Column::ends`] and [`Column::nulls`] give them; `None` when they contradict each other.
    #[must_use]
    pub fn from_parts(bytes: Vec<u8>, ends: Vec<u32>, nulls: Vec<u32>, items: u64) -> Option<Self> {
        let len = u32::try_from(items).ok()?;
        let whole = if ends.is_empty() {
            bytes.is_empty() && nulls.is_empty()
        } else {
            ends.len() == len as usize
                && ends.is_sorted()
                && ends.last().map(|&end| end as usize) == Some(bytes.len())
                && nulls.is_sorted_by(|a, b| a < b)
                && nulls.last().is_none_or(|&null| null < len)
        };
        whole.then_some(Self {
            bytes,
            ends,
            nulls,
            len,
        })
    }

    /// Appends an item.
    ///
    /// # Panics
    ///
    /// When the column would pass 4 GiB or 2³² items; a batch is bounded far below.
    pub fn push(&mut self, item: Option<&[u8]>) {
        if let Some(item) = item {
            self.materialise();
            self.bytes.extend_from_slice(item);
            self.ends.push(narrow(self.bytes.len()));
        } else if !self.ends.is_empty() {
            self.nulls.push(self.len);
            self.ends.push(narrow(self.bytes.len()));
        }
        self.len = self.len.checked_add(1).expect("fewer than 2^32 items");
    }

    /// Writes down the nulls that were only counted so far.
    fn materialise(&mut self) {
        if self.ends.is_empty() && self.len > 0 {
            self.nulls.extend(0..self.len);
            self.ends.resize(self.len as usize, 0);
        }
    }

    /// Item `i`; `None` for a null.
    ///
    /// # Panics
    ///
    /// When `i` is not below [`Column::len`].
    #[must_use]
    pub fn get(&self, i: usize) -> Option<&[u8]> {
        assert!(i < self.len(), "item {i} of {}", self.len());
        if self.ends.is_empty() || self.is_null(i) {
            return None;
        }
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        Some(&self.bytes[start..self.ends[i] as usize])
    }

    fn is_null(&self, i: usize) -> bool {
        !self.nulls.is_empty() && self.nulls.binary_search(&narrow(i)).is_ok()
    }

    /// Number of items, nulls included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len as usize
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All items' bytes, back to back.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where each item ends in [`Column::bytes`]; empty when every item is null.
    #[must_use]
    pub fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// Ascending indices of the null items; empty when every item is null.
    #[must_use]
    pub fn nulls(&self) -> &[u32] {
        &self.nulls
    }
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).expect("a batch is bounded far below 4 GiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(items: &[Option<&[u8]>]) -> Column {
        let mut column = Column::default();
        for item in items {
            column.push(*item);
        }
        column
    }

    #[test]
    fn items_come_back_as_they_went_in() {
        let items: [Option<&[u8]>; 5] = [None, Some(b"ab"), Some(b""), None, Some(b"c")];
        let column = column(&items);
        assert_eq!((0..5).map(|i| column.get(i)).collect::<Vec<_>>(), items);
        assert_eq!(column.bytes(), b"abc");
        assert_eq!(column.ends(), [0, 2, 2, 2, 3]);
        assert_eq!(column.nulls(), [0, 3]);
    }

    #[test]
    fn a_column_is_put_together_from_its_lists() {
        let whole = column(&[None, Some(b"ab"), Some(b"")]);
        let lists = |column: &Column| {
            let Column {
                bytes, ends, nulls, ..
            } = column.clone();
            (bytes, ends, nulls)
        };
        let (bytes, ends, nulls) = lists(&whole);
        let again = Column::from_parts(bytes.clone(), ends.clone(), nulls.clone(), 3);
        assert_eq!(again, Some(whole));
        for (bytes, ends, nulls, items) in [
            (b"a".to_vec(), ends.clone(), nulls.clone(), 3),
            (bytes.clone(), vec![0, 2], nulls.clone(), 3),
            (bytes.clone(), vec![2, 0, 2], nulls.clone(), 3),
            (bytes.clone(), ends.clone(), vec![3], 3),
            (bytes.clone(), vec![], vec![], 3),
            (vec![], vec![], vec![], 1 << 32),
        ] {
            assert_eq!(Column::from_parts(bytes, ends, nulls, items), None);
        }
        let nulls = column(&[None, None]);
        assert_eq!(Column::from_parts(vec![], vec![], vec![], 2), Some(nulls));
    }

    #[test]
    fn nulls_alone_take_no_room() {
        let column = column(&[None, None, None]);
        assert_eq!(column.len(), 3);
        assert!(column.ends().is_empty() && column.nulls().is_empty());
        assert_eq!(column.get(2), None);
    }
}
