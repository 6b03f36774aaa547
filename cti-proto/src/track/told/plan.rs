//! How fixed parts are read: plans that the compiler makes of the message tables.

use crate::message::{FixedInfo, Versions};
use crate::protocol::Product;
use crate::track::told::places::place_of;

/// How the fixed part of a message is read.
pub(super) struct Plan {
    /// First those of four bytes, then those of two.
    pub(super) steps: &'static [Step],
    pub(super) wide: u8,
    /// Bytes that every version has.
    pub(super) least: u8,
    /// What not every version has: it stands behind what is looked at, or is looked at and stands there alone. All plans
    /// have as many, so that a plan need not say how many.
    pub(super) more: &'static [More; MOST_MORE],
}

/// Fixed fields that not every version has, at most.
pub(super) const MOST_MORE: usize = 2;

/// A number that is looked at: where it stands, and where it is put.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) at: u8,
    pub(super) place: u8,
}

#[derive(Clone, Copy)]
pub(super) struct More {
    pub(super) versions: Versions,
    pub(super) length: u8,
    pub(super) place: Option<u8>,
}

/// The plan for a message, in both products or in one.
macro_rules! plan {
    ($message:ident, $product:expr) => {{
        use $crate::track::told::plan::{Layout, MOST_MORE, More, Step, more, steps};

        const FIXED: &[$crate::message::FixedInfo] = <$message<'static> as Body<'static>>::INFO.fixed;
        const LAYOUT: Layout = Layout::of(FIXED, $product);
        const STEPS: &[Step; LAYOUT.steps] = &steps(FIXED, $product);
        const MORE: &[More; MOST_MORE] = &more(FIXED, $product);
        const PLAN: &Plan = &Plan { steps: STEPS, wide: LAYOUT.wide, least: LAYOUT.least, more: MORE };
        PLAN
    }};
}

pub(super) use plan;

/// How long the parts of a plan are.
pub(super) struct Layout {
    pub(super) steps: usize,
    pub(super) wide: u8,
    pub(super) least: u8,
    has_more: bool,
}

/// What the compiler finds of a fixed field, one after the other.
struct Row {
    /// What stands in front of it in every version.
    at: u8,
    size: u8,
    place: Option<u8>,
    /// If not every version has it.
    versions: Option<Versions>,
}

/// The next row, and what is behind it. What the product never has is passed over.
const fn row(at: u8, mut fixed: &[FixedInfo], product: Option<Product>) -> Option<(Row, &[FixedInfo])> {
    while let Some((field, rest)) = fixed.split_first() {
        fixed = rest;
        let versions = match (product, field.versions) {
            (None, Versions::ALL)
            | (Some(Product::Cce), Versions { cce: (0, u8::MAX), .. })
            | (Some(Product::Ccx), Versions { ccx: (0, u8::MAX), .. }) => None,
            (Some(Product::Cce), Versions { cce: (0, 0), .. }) | (Some(Product::Ccx), Versions { ccx: (0, 0), .. }) => {
                continue;
            }
            (_, versions) => Some(versions),
        };
        return Some((Row { at, size: field.length() as u8, place: place_of(field.name), versions }, rest));
    }
    None
}

impl Layout {
    pub(super) const fn of(mut fixed: &[FixedInfo], product: Option<Product>) -> Self {
        let mut layout = Self { steps: 0, wide: 0, least: 0, has_more: false };
        while let Some((row, rest)) = row(layout.least, fixed, product) {
            fixed = rest;
            if row.versions.is_some() {
                layout.has_more = true;
                continue;
            }
            if row.place.is_some() {
                assert!(!layout.has_more && (row.size == 4 || row.size == 2), "it stands at one place");
                layout.steps = layout.steps.saturating_add(1);
                layout.wide = layout.wide.saturating_add((row.size == 4) as u8);
            }
            layout.least = layout.least.saturating_add(row.size);
        }
        layout
    }
}

/// The steps of a plan: first those of four bytes, then those of two.
#[allow(clippy::indexing_slicing, reason = "the compiler does it, which refuses what is beyond the end")]
pub(super) const fn steps<const N: usize>(all: &[FixedInfo], product: Option<Product>) -> [Step; N] {
    let mut steps = [Step { at: 0, place: 0 }; N];
    let (mut count, mut size) = (0usize, 4u8);
    while size >= 2 {
        let (mut at, mut fixed) = (0u8, all);
        while let Some((row, rest)) = row(at, fixed, product) {
            fixed = rest;
            if row.versions.is_some() {
                continue;
            }
            at = at.saturating_add(row.size);
            if let Some(place) = row.place
                && row.size == size
            {
                steps[count] = Step { at: row.at, place };
                count = count.saturating_add(1);
            }
        }
        size = size.saturating_sub(2);
    }
    steps
}

#[allow(clippy::indexing_slicing, reason = "the compiler does it, which refuses what is beyond the end")]
pub(super) const fn more(mut fixed: &[FixedInfo], product: Option<Product>) -> [More; MOST_MORE] {
    let mut all = [More { versions: Versions::NEVER, length: 0, place: None }; MOST_MORE];
    let mut count = 0usize;
    while let Some((row, rest)) = row(0, fixed, product) {
        fixed = rest;
        if let Some(versions) = row.versions {
            assert!(row.place.is_none() || row.size == 4, "it is read as four bytes");
            all[count] = More { versions, length: row.size, place: row.place };
            count = count.saturating_add(1);
        }
    }
    all
}
