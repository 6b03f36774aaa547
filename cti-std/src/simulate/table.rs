//! Tables of things that stay: agents, phones, skill groups.

use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// Things in a row, named by keys of their own type.
#[derive(Clone, Debug)]
pub(super) struct Table<K, V> {
    rows: Vec<V>,
    /// A key of another table does not fit, though it is the same number.
    key: PhantomData<K>,
}

/// Names a row of a table.
pub(super) trait Key: Copy {
    /// Of a row, which must be there: tables only grow, so that a key holds for ever.
    fn of(row: usize) -> Self;
    /// The row, from 0.
    fn row(self) -> usize;
}

impl<K: Key, V> Table<K, V> {
    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Adds a row at the end.
    pub(super) fn push(&mut self, value: V) -> K {
        self.rows.push(value);
        K::of(self.rows.len() - 1)
    }

    /// All keys; the table may be changed meanwhile.
    pub(super) fn keys(&self) -> impl Iterator<Item = K> + use<K, V> {
        (0..self.rows.len()).map(K::of)
    }

    /// All rows, in order.
    pub(super) fn iter(&self) -> std::slice::Iter<'_, V> {
        self.rows.iter()
    }

    /// The same, to be changed.
    pub(super) fn iter_mut(&mut self) -> std::slice::IterMut<'_, V> {
        self.rows.iter_mut()
    }

    /// The first row that is wanted. It walks through the table: for what clients ask for, not for what happens.
    pub(super) fn find(&self, wanted: impl FnMut(&V) -> bool) -> Option<K> {
        self.rows.iter().position(wanted).map(K::of)
    }
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: Vec::new(), key: PhantomData }
    }
}

impl<K: Key, V> FromIterator<V> for Table<K, V> {
    fn from_iter<I: IntoIterator<Item = V>>(rows: I) -> Self {
        Self { rows: rows.into_iter().collect(), key: PhantomData }
    }
}

impl<K: Key, V> Index<K> for Table<K, V> {
    type Output = V;

    fn index(&self, key: K) -> &V {
        // Rows are never taken away, and keys are those of rows: whoever has one finds its row.
        &self.rows[key.row()]
    }
}

impl<K: Key, V> IndexMut<K> for Table<K, V> {
    fn index_mut(&mut self, key: K) -> &mut V {
        &mut self.rows[key.row()]
    }
}

/// Keys of tables.
macro_rules! keys {
    ($($(#[$attr:meta])* $name:ident;)*) => {$(
        $(#[$attr])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) struct $name(u32);

        impl Key for $name {
            fn of(row: usize) -> Self {
                Self(row as u32)
            }

            fn row(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

keys! {
    /// An agent.
    AgentKey;
    /// A phone of an agent.
    PhoneKey;
    /// A port of the voice portal.
    PortKey;
    /// A skill group, with its service, call type and route point.
    GroupKey;
    /// A team.
    TeamKey;
}
