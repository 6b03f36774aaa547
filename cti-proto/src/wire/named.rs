//! Named variables and arrays: the Expanded Call Context (ECC) of a call.

use crate::message::{ElementInfo, FieldInfo, FieldRule};
use crate::value::{NAMEDARRAY_FIELD_LENGTH_MAX, NAMEDVAR_FIELD_LENGTH_MAX};
use crate::wire::plain::put_named;
use crate::wire::types::nul_at;
use crate::wire::{Bytes, DataType, Element, Fields, List, Text, Walk, Writer};

/// Most data that the named variables and arrays of one message may take together, in bytes.
///
/// Guide: "Messaging Conventions"; more earns E_CTI_TOO_MUCH_DATA.
pub(crate) const MAX_NAMED_DATA: usize = 2_000;

pub(crate) const NAMED_VARIABLE_TAG: u16 = 82;
pub(crate) const NAMED_ARRAY_TAG: u16 = 83;

/// A NAMEDVAR: a named variable and its value.
///
/// Guide: "Messaging Conventions", data types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NamedVariable<'a> {
    /// Name, 1 to 32 bytes.
    pub name: Text<'a>,
    /// Value, up to 210 bytes.
    pub value: Text<'a>,
}

/// A NAMEDARRAY: one element of a named array.
///
/// Guide: "Messaging Conventions", data types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NamedArray<'a> {
    /// Place in the array.
    pub index: u8,
    /// Name of the array, 1 to 32 bytes.
    pub name: Text<'a>,
    /// Value of the element, up to 210 bytes.
    pub value: Text<'a>,
}

const VARIABLE_RULE: FieldRule =
    FieldRule::new("NamedVariable", DataType::NamedVar, NAMED_VARIABLE_TAG, NAMEDVAR_FIELD_LENGTH_MAX as u16);
const ARRAY_RULE: FieldRule =
    FieldRule::new("NamedArray", DataType::NamedArray, NAMED_ARRAY_TAG, NAMEDARRAY_FIELD_LENGTH_MAX as u16);

impl<'a> NamedVariable<'a> {
    /// The variable in the data of a floating field. What lacks its NULs still reads.
    #[must_use]
    #[cfg_attr(not(target_pointer_width = "32"), inline)]
    pub fn from_data(data: &'a [u8]) -> Self {
        let (name, value) = split_at_nul(data);
        Self { name: name.into(), value: value.into() }
    }
}

impl<'a> NamedArray<'a> {
    /// The element in the data of a floating field. What lacks its NULs still reads; nothing at all is element 0 of
    /// an array without a name.
    #[must_use]
    pub fn from_data(data: &'a [u8]) -> Self {
        let (index, data) = data.split_first().map_or((0, data), |(index, data)| (*index, data));
        let NamedVariable { name, value } = NamedVariable::from_data(data);
        Self { index, name, value }
    }
}

/// What is before the first NUL, and what is behind it.
fn split_at_nul(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.split_at_checked(nul_at(bytes)) {
        Some((text, [_, rest @ ..])) => (text, rest),
        _ => (bytes, &[]),
    }
}

/// Named variables have one tag each, so that a list element is a field.
macro_rules! named_element {
    ($name:ident, $tag:ident, $rule:ident, |$self:ident| $index:expr) => {
        impl<'a> Element<'a> for $name<'a> {
            const INFO: &'static ElementInfo =
                &ElementInfo { name: stringify!($name), fields: &[FieldInfo::plain($rule)], lists: &[] };

            #[inline]
            fn accepts(tag: u16, _: usize) -> Option<bool> {
                // Of any length: what lacks its NULs still reads.
                (tag == $tag).then_some(true)
            }

            #[inline(always)]
            fn next(walk: &mut Walk<'a>) -> Option<Self> {
                walk.find(|tag| tag == $tag).map(|field| Self::from_data(field.data))
            }

            #[inline(always)]
            fn in_order(fields: &mut Fields<'a>) -> Option<Self> {
                fields.next_if::<Bytes<'a>>($tag).map(|data| Self::from_data(data.0))
            }

            #[inline(always)]
            fn skip(fields: &mut Fields<'a>) -> bool {
                fields.next_if::<Bytes<'a>>($tag).is_some()
            }

            fn write_all(list: &List<'a, Self>, writer: &mut Writer<'_>) {
                for $self in list.iter() {
                    writer.named(&$rule, $index, $self.name.raw(), $self.value.raw());
                }
            }

            fn write_plainly<'b, const WIDE: bool>(
                list: &List<'a, Self>,
                _: u32,
                place: &'b mut [u8],
            ) -> Option<&'b mut [u8]> {
                #[inline(never)]
                fn put<'b, const WIDE: bool>(place: &'b mut [u8], $self: &$name<'_>) -> Option<&'b mut [u8]> {
                    put_named::<WIDE>(place, const { &$rule }, $index, $self.name.raw(), $self.value.raw())
                }
                list.try_each(place, put::<WIDE>)
            }
        }
    };
}

named_element!(NamedVariable, NAMED_VARIABLE_TAG, VARIABLE_RULE, |item| None);
named_element!(NamedArray, NAMED_ARRAY_TAG, ARRAY_RULE, |item| Some(item.index));
