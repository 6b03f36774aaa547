//! The table macros: a message is one row group that reads like the guide's own table, and everything that is to be
//! known or done about it comes out of that.
//!
//! ```text
//! messages! {
//!     ($) as session_messages;                          // name of the list for the catalogue
//!     service Session;
//!
//!     /// What it says.
//!     OpenConf<'a> = OPEN_CONF: Server, confirms(OPEN_REQ), since(9) {
//!         fixed {
//!             invoke_id,                                // a field of the dictionary
//!             session_type(since(24)),                  // ... that not every version has
//!             [num_parties parties],                    // the count of the list `parties`
//!             ^queue_device_type(ccx_only())            // a field already named, here in another dialect
//!         }
//!         floating {
//!             agent_id(required()),                     // may be absent, unless required
//!             agent_id / 194 (ccx_max(129)),            // with a tag of its own in Unified CCX
//!         }
//!         numbered { call_variables }                   // the ten call variables, as one field of the struct
//!         lists {
//!             parties: ConnectedParty<'a>[16],          // at most 16
//!             peripherals: Peripheral[64] num_peripherals (since(14)), // counted by a floating field
//!         }
//!     }
//! }
//! ```

use crate::message::{FieldInfo, FieldRule, FixedInfo, Versions};

/// One file's messages.
macro_rules! messages {
    (
        ($d:tt) as $list:ident;
        service $service:ident;
        $(
            $(#[$attr:meta])*
            $name:ident $(<$lt:lifetime>)? = $number:ident: $direction:ident
            $(, $rule:ident($($arg:ident)? $($value:literal)?))* { $($body:tt)* }
        )*
    ) => {
        $(
            message! {
                [$service $direction $($rule($($arg)? $($value)?))*]
                $(#[$attr])*
                $name $(<$lt>)? = $number { $($body)* }
            }
        )*

        /// Hands the messages of this file, after those already collected, to the next list or to the end.
        macro_rules! $list {
            ([$d next:ident $d($d more:ident)*] $d then:ident { $d($d done:tt)* }) => {
                $d next! { [$d($d more)*] $d then { $d($d done)* $($name ($($lt)?) $number;)* } }
            };
            ([] $d then:ident { $d($d done:tt)* }) => {
                $d then! { $d($d done)* $($name ($($lt)?) $number;)* }
            };
        }
    };
}

/// `Debug` as it is derived. The derived one, from six fields on, asserts something, which cannot be shown not to panic.
macro_rules! debug {
    ($name:ident $(<$lt:lifetime>)? $([const $number:ident])? { $($field:ident,)* }) => {
        impl $(<$lt>)? $(<const $number: usize>)? ::core::fmt::Debug for $name $(<$lt>)? $(<$number>)? {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))*.finish()
            }
        }
    };
}

pub(crate) use debug;

/// One message: its struct and how it is read and written.
macro_rules! message {
    (
        [$service:ident $direction:ident $($rule:ident($($arg:ident)? $($value:literal)?))*]
        $(#[$attr:meta])*
        $name:ident $(<$lt:lifetime>)? = $number:ident {
            $(fixed { $(
                $($val:ident)? $([$count:ident $counted:ident])? $(^$again:ident)? $(($($fixed_rule:tt)*))?
            ),* })?
            $(floating { $($field:ident $(/ $ccx:literal)? $(($($field_rule:tt)*))?),* $(,)? })?
            $(numbered { $numbered:ident })?
            $(lists { $(
                $items:ident: $element:ident $(<$elt:lifetime>)? [$max:literal] $($total:ident)? $(($($list_rule:tt)*))?
            ),* $(,)? })?
        }
    ) => {
        $(#[$attr])*
        #[derive(Clone, Copy, PartialEq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub struct $name $(<$lt>)? {
            $($($(
                #[doc = fixed_doc!($val)]
                pub $val: fixed_type!($val),
            )?)*)?
            $($(
                #[doc = floating_doc!($field)]
                pub $field: Option<floating_type!($field)>,
            )*)?
            $(
                /// The ten call variables, in the guide CallVariable1 to CallVariable10.
                pub $numbered: $crate::message::CallVariables<'a>,
            )?
            $($(
                #[doc = concat!("Repeated: [`", stringify!($element), "`], at most ", stringify!($max), ".")]
                pub $items: $crate::wire::List<'a, $element $(<$elt>)?>,
            )*)?
        }

        debug! {
            $name $(<$lt>)? { $($($($val,)?)*)? $($($field,)*)? $($numbered,)? $($($items,)*)? }
        }

        impl $(<$lt>)? Default for $name $(<$lt>)? {
            fn default() -> Self {
                Self {
                    $($($($val: $crate::message::dictionary::default::$val,)?)*)?
                    $($($field: None,)*)?
                    $($numbered: $crate::message::CallVariables::NONE,)?
                    $($($items: $crate::wire::List::EMPTY,)*)?
                }
            }
        }

        impl<'a> $crate::message::Body<'a> for $name $(<$lt>)? {
            const TYPE: $crate::message::MessageType = $crate::message::MessageType::$number;
            const INFO: &'static $crate::message::MessageInfo = &$crate::message::MessageInfo {
                message_type: $crate::message::MessageType::$number,
                direction: $crate::message::Direction::$direction,
                service: $crate::message::Service::$service,
                versions: $crate::message::Versions::ALL,
                confirms: None,
                fixed: &[$($(fixed_row!(info $($val)? $([$count $counted])? $(^$again)? $(($($fixed_rule)*))?)),*)?],
                floating: &[$($(
                    $crate::message::FieldInfo::of::<floating_type!($field)>(
                        floating_rule!($field $(/ $ccx)? $(($($field_rule)*))?)
                    ),
                )*)? $(
                    $crate::message::CallVariables::info(stringify!($numbered), 0),
                    $crate::message::CallVariables::info(stringify!($numbered), 1),
                    $crate::message::CallVariables::info(stringify!($numbered), 2),
                    $crate::message::CallVariables::info(stringify!($numbered), 3),
                    $crate::message::CallVariables::info(stringify!($numbered), 4),
                    $crate::message::CallVariables::info(stringify!($numbered), 5),
                    $crate::message::CallVariables::info(stringify!($numbered), 6),
                    $crate::message::CallVariables::info(stringify!($numbered), 7),
                    $crate::message::CallVariables::info(stringify!($numbered), 8),
                    $crate::message::CallVariables::info(stringify!($numbered), 9),
                )?],
                lists: &[$($(list_info!($items $element $(<$elt>)? [$max] $($total)? $(($($list_rule)*))?)),*)?],
            }
            $(.$rule($($crate::message::MessageType::$arg)? $($value)?))*;

            #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
            #[cfg_attr(target_pointer_width = "32", inline(never))]
            fn read(&mut self, frame: &$crate::wire::Frame<'a>) -> Result<(), $crate::error::DecodeError> {
                /// Takes one field, wherever it stands; `false` if it has a size that it cannot have.
                #[inline(always)]
                #[allow(unreachable_patterns, reason = "a tag may be another field's in Unified CCX")]
                #[allow(unused_variables, reason = "some messages have no floating fields")]
                fn take_field<'a>(
                    message: &mut $name $(<$lt>)?,
                    ccx: bool,
                    step: &mut $crate::message::table::Step<'a>,
                ) -> bool {
                    match step.field.tag {
                        // Unified CCX first: its tag for this field may be another field's in Unified CCE.
                        $($($($ccx if ccx => $crate::message::table::set(&mut message.$field, step.field.data),)?)*)?
                        $($($crate::message::dictionary::tag::$field
                            $(if $crate::message::table::is_cce_tag(ccx, $ccx))? =>
                        {
                            $crate::message::table::set(&mut message.$field, step.field.data)
                        })*)?
                        $(
                            $crate::message::CallVariables::FIRST_TAG
                                ..=$crate::message::CallVariables::LAST_TAG =>
                            {
                                message.$numbered.set(step.field.tag, step.field.data)
                            }
                        )?
                        $($($($crate::message::dictionary::tag::$total => {
                            $crate::message::table::declare(&mut message.$items, step.field.data)
                        })?)*)?
                        _ => {
                            $($(if let Some(fits) =
                                <$element as $crate::wire::Element>::accepts(step.field.tag, step.field.data.len())
                            {
                                $crate::message::table::skip_elements::<$element $(<$elt>)?>(&mut step.fields, step.from);
                                let (format, tail) = (step.fields.format(), step.fields.rest().len());
                                message.$items.extend(format, step.from, tail);
                                fits
                            } else)*)? {
                                true
                            }
                        }
                    }
                }
                #[inline(never)]
                fn read_in_any_order<'a>(
                    message: &mut $name $(<$lt>)?,
                    frame: &$crate::wire::Frame<'a>,
                    fields: $crate::wire::Fields<'a>,
                ) -> Result<(), $crate::error::DecodeError> {
                    let ccx = frame.protocol().is_ccx();
                    $crate::message::table::walk(frame, fields, #[inline(always)] |step| take_field(message, ccx, step))
                }
                let protocol = frame.protocol();
                if frame.body().len() < const { $crate::message::table::least_length(Self::INFO.fixed) } {
                    return Err(frame.ends_in_fixed_part());
                }
                let reader = self.read_fixed(frame);
                if !$crate::wire::IS_FAST {
                    let ccx = protocol.is_ccx();
                    return $crate::message::table::walk_in_room(frame, reader.whole_rest(), &mut move |step| {
                        take_field(self, ccx, step)
                    });
                }
                let Some(mut fields) = reader.fields() else {
                    return Err(frame.ends_in_fixed_part());
                };
                if !protocol.is_ccx() {
                    const { assert!($crate::message::table::tags_differ(Self::INFO.floating), "a tag names one field") };
                    /// Reads the fields that stand in the order of the table, as they usually all do: what comes next
                    /// is known then.
                    #[inline(always)]
                    #[allow(unused_variables, reason = "some messages have no floating fields")]
                    fn read_in_order<'a>(
                        message: &mut $name $(<$lt>)?,
                        fields: &mut $crate::wire::Fields<'a>,
                        format: $crate::protocol::FieldFormat,
                    ) {
                        let ahead = &mut $crate::wire::Fields::with_format(format, fields.rest());
                        $($(
                            if const {
                                $crate::message::table::is_in_cce(
                                    &floating_rule!($field $(/ $ccx)? $(($($field_rule)*))?)
                                )
                            } {
                                $crate::message::table::set_next(
                                    &mut message.$field, ahead, $crate::message::dictionary::tag::$field
                                );
                            }
                        )*)?
                        $(message.$numbered.read_next(ahead);)?
                        $($(
                            $($crate::message::table::declare_next(
                                &mut message.$items, ahead, $crate::message::dictionary::tag::$total
                            );)?
                            $crate::message::table::extend_in_order(&mut message.$items, ahead);
                        )*)?
                        fields.go_to(ahead);
                    }
                    match fields.format() {
                        $crate::protocol::FieldFormat::Narrow => {
                            read_in_order(self, &mut fields, $crate::protocol::FieldFormat::Narrow);
                        }
                        $crate::protocol::FieldFormat::Wide => {
                            read_in_order(self, &mut fields, $crate::protocol::FieldFormat::Wide);
                        }
                        _ => {}
                    }
                }
                // Nearly always: the fields came in the order of the table.
                if fields.rest().is_empty() {
                    return Ok(());
                }
                read_in_any_order(self, frame, fields)
            }

            #[inline(always)]
            fn as_message(&self) -> $crate::message::MessageRef<'_, 'a> {
                $crate::message::MessageRef::$name(self)
            }

            fn write(&self, writer: &mut $crate::wire::Writer<'_>) {
                writer.require(const { Self::INFO.versions });
                self.write_fixed(writer);
                $($(write_field!(self writer $field $(/ $ccx)? $(($($field_rule)*))?);)*)?
                $(self.$numbered.write(writer);)?
                $($(write_list!(self writer $items [$max] $($total)? $(($($list_rule)*))?);)*)?
            }

            #[inline(always)]
            fn write_plainly(&self, protocol: $crate::protocol::Protocol, place: &mut [u8]) -> Option<usize> {
                #[inline(always)]
                #[allow(unused_mut, unused_variables, reason = "some messages have no floating fields")]
                fn fields<'b, const WIDE: bool>(
                    message: &$name,
                    mut writer: $crate::wire::PlainWriter<'b, WIDE>,
                ) -> Option<$crate::wire::PlainWriter<'b, WIDE>> {
                    $($(writer = write_field!(plainly message writer $field $(/ $ccx)? $(($($field_rule)*))?);)*)?
                    $(writer = writer.by(|place| message.$numbered.write_plainly::<WIDE>(place))?;)?
                    $($(writer = write_list!(plainly message writer $items [$max] $($total)? $(($($list_rule)*))?);)*)?
                    Some(writer)
                }
                let room = place.len();
                let fixed = const { $crate::message::table::most_length(Self::INFO.fixed) };
                if room < fixed || !$crate::wire::may_be_plain(protocol) {
                    return None;
                }
                let mut writer = $crate::wire::Writer::in_place(protocol, Self::TYPE, place);
                self.write_fixed(&mut writer);
                let place = writer.behind_fixed_part()?;
                let has_named_data = const { Self::INFO.has_named_data() };
                let version = protocol.version();
                if version < $crate::wire::WIDE_FROM {
                    fields(self, $crate::wire::PlainWriter::<false>::new(version, place))?.length(room, has_named_data)
                } else {
                    fields(self, $crate::wire::PlainWriter::<true>::new(version, place))?.length(room, has_named_data)
                }
            }
        }

        impl $(<$lt>)? $name $(<$lt>)? {
            /// Reads the fixed part, which the reader is behind of then.
            #[inline(always)]
            #[allow(unused_mut, unused_variables, reason = "some messages have no fixed part")]
            pub(crate) fn read_fixed<'f>(&mut self, frame: &$crate::wire::Frame<'f>) -> $crate::wire::Reader<'f> {
                let protocol = frame.protocol();
                let mut reader = $crate::wire::Reader::new(protocol, frame.body());
                $($(
                    fixed_row!(read self reader protocol $($val)? $([$count $counted])? $(^$again)?
                        $(($($fixed_rule)*))?);
                )*)?
                reader
            }

            #[inline(always)]
            #[allow(unused_variables, reason = "some messages have no fixed part")]
            fn write_fixed(&self, writer: &mut $crate::wire::Writer<'_>) {
                $($(fixed_row!(
                    write self writer $($val)? $([$count $counted])? $(^$again)? $(($($fixed_rule)*))?
                );)*)?
            }
        }
    };
}

/// One row of a fixed part: what is known of it, and how it is read and written.
macro_rules! fixed_row {
    (info $field:ident $(($($rule:ident($($arg:expr)?)),*))?) => {
        $crate::message::FixedInfo::of::<fixed_type!($field)>(fixed_name!($field)) $($(.$rule($($arg)?))*)?
    };
    (info [$count:ident $list:ident] $(($($rule:ident($($arg:expr)?)),*))?) => {
        fixed_row!(info $count $(($($rule($($arg)?)),*))?).counts(stringify!($list))
    };
    (info ^$field:ident $(($($rule:ident($($arg:expr)?)),*))?) => {
        fixed_row!(info $field $(($($rule($($arg)?)),*))?).again()
    };

    (read $self:ident $reader:ident $protocol:ident $field:ident) => {
        $self.$field = $reader.read();
    };
    (read $self:ident $reader:ident $protocol:ident [$count:ident $list:ident]) => {
        $self.$list.declare($reader.read());
    };
    (read $self:ident $reader:ident $protocol:ident ^$field:ident $rules:tt) => {
        fixed_row!(read $self $reader $protocol $field $rules)
    };
    (read $self:ident $reader:ident $protocol:ident $field:tt $rules:tt) => {
        if const { fixed_row!(info $field $rules).versions }.include($protocol) && $reader.has_more() {
            fixed_row!(read $self $reader $protocol $field);
        }
    };

    (write $self:ident $writer:ident $field:ident) => {
        $writer.fixed($self.$field);
    };
    (write $self:ident $writer:ident [$count:ident $list:ident]) => {
        $writer.count(&$self.$list);
    };
    (write $self:ident $writer:ident ^$field:ident $rules:tt) => {
        fixed_row!(write $self $writer $field $rules)
    };
    (write $self:ident $writer:ident $field:tt $rules:tt) => {
        if const { fixed_row!(info $field $rules).versions }.include($writer.protocol()) {
            fixed_row!(write $self $writer $field);
        }
    };
}

/// The rule of a floating field in one message.
macro_rules! floating_rule {
    ($field:ident $(/ $ccx:literal)? $(($($rule:ident($($arg:expr)?)),*))?) => {
        $crate::message::dictionary::rule::$field $(.ccx_tag($ccx))? $($(.$rule($($arg)?))*)?
    };
}

macro_rules! write_field {
    (plainly $self:ident $writer:ident $field:ident $($row:tt)*) => {
        $writer.optional(
            const { &floating_rule!($field $($row)*) },
            $self.$field.as_ref().map($crate::wire::FieldValue::data),
        )?
    };
    ($self:ident $writer:ident $field:ident $($row:tt)*) => {
        $writer.optional(
            const { &floating_rule!($field $($row)*) },
            $self.$field.as_ref().map($crate::wire::FieldValue::data),
        );
    };
}

/// The rule of a list in one message.
macro_rules! list_rule {
    ($items:ident [$max:literal] $($total:ident)? $(($($rule:ident($($arg:expr)?)),*))?) => {
        $crate::message::ListRule::new(stringify!($items), $max)
            $(.counted_by($crate::message::dictionary::rule::$total))? $($(.$rule($($arg)?))*)?
    };
}

macro_rules! list_info {
    ($items:ident $element:ident $(<$elt:lifetime>)? [$max:literal] $($row:tt)*) => {
        $crate::message::ListInfo {
            rule: list_rule!($items [$max] $($row)*),
            element: <$element $(<$elt>)? as $crate::wire::Element>::INFO,
        }
    };
}

macro_rules! write_list {
    (plainly $self:ident $writer:ident $($row:tt)*) => {
        write_list!(@plainly $self $writer $($row)*)
    };
    (@plainly $self:ident $writer:ident $items:ident $($row:tt)*) => {
        $writer.list(const { &list_rule!($items $($row)*) }, &$self.$items)?
    };
    ($self:ident $writer:ident $($row:tt)*) => {
        write_list!(@ $self $writer $($row)*)
    };
    (@ $self:ident $writer:ident $items:ident $($row:tt)*) => {
        $writer.list(const { &list_rule!($items $($row)*) }, &$self.$items);
    };
}

/// Elements of a few fields that are repeated together, each with a type, the guide's name, tag and size. Those
/// within `? {}` may be absent.
macro_rules! groups {
    ($(
        $(#[$attr:meta])*
        $name:ident $(<$lt:lifetime>)? {
            $($(#[$field_attr:meta])* $field:ident: $type:ty = $spec:literal, $tag:literal, $max:literal
                $(($($rule:ident($($arg:expr)?)),*))?;)*
            $(? { $($(#[$opt_attr:meta])*
                $opt:ident: $opt_type:ty = $opt_spec:literal, $opt_tag:literal, $opt_max:literal
                $(($($opt_rule:ident($($opt_arg:expr)?)),*))?;)* })?
        }
    )*) => {$(
        $(#[$attr])*
        #[derive(Clone, Copy, Default, PartialEq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub struct $name $(<$lt>)? {
            $($(#[$field_attr])* pub $field: $type,)*
            $($($(#[$opt_attr])* pub $opt: Option<$opt_type>,)*)?
        }

        debug! {
            $name $(<$lt>)? { $($field,)* $($($opt,)*)? }
        }

        impl<'a> $crate::wire::Element<'a> for $name $(<$lt>)? {
            const INFO: &'static $crate::message::ElementInfo = &$crate::message::ElementInfo {
                name: stringify!($name),
                fields: &[
                    $($crate::message::FieldInfo::of::<$type>(
                        group_rule!($spec, $type, $tag, $max $(, ($($rule($($arg)?)),*))?).required()
                    ),)*
                    $($($crate::message::FieldInfo::of::<$opt_type>(
                        group_rule!($opt_spec, $opt_type, $opt_tag, $opt_max $(, ($($opt_rule($($opt_arg)?)),*))?)
                    ),)*)?
                ],
                lists: &[],
            };

            #[inline]
            fn accepts(tag: u16, length: usize) -> Option<bool> {
                match tag {
                    $($tag => Some(<$type as $crate::wire::FieldValue>::TYPE.accepts(length)),)*
                    $($($opt_tag => Some(<$opt_type as $crate::wire::FieldValue>::TYPE.accepts(length)),)*)?
                    _ => None,
                }
            }

            #[inline(always)]
            fn in_order(fields: &mut $crate::wire::Fields<'a>) -> Option<Self> {
                let mut ahead = *fields;
                let item = Self {
                    $($field: ahead.next_if($tag)?,)*
                    $($($opt: ahead.next_if($opt_tag),)*)?
                };
                fields.go_to(&ahead);
                Some(item)
            }

            #[inline(always)]
            fn next(walk: &mut $crate::wire::Walk<'a>) -> Option<Self> {
                /// The next element, whatever the order of its fields. What it is given comes back, so that a walk
                /// that does not need it stays in registers.
                #[inline(never)]
                fn in_any_order<'a>(
                    mut fields: $crate::wire::Fields<'a>,
                ) -> (Option<$name $(<$lt>)?>, $crate::wire::Fields<'a>) {
                    #[allow(non_camel_case_types, reason = "named like the fields")]
                    enum Slot {
                        $($field,)*
                        $($($opt,)*)?
                    }
                    let mut item = $name::default();
                    let mut filled = 0u32;
                    let mut ahead = fields;
                    while let Some(field) = ahead.next() {
                        let slot = match field.tag {
                            $($tag => 1 << Slot::$field as u32,)*
                            $($($opt_tag => 1 << Slot::$opt as u32,)*)?
                            _ => 0,
                        };
                        // A field that comes again begins the next element.
                        if filled & slot != 0 {
                            break;
                        }
                        filled |= slot;
                        match field.tag {
                            $($tag => $crate::message::table::put(&mut item.$field, field.data),)*
                            $($($opt_tag => $crate::message::table::put_some(&mut item.$opt, field.data),)*)?
                            _ => {}
                        }
                        fields.go_to(&ahead);
                    }
                    ((filled != 0).then_some(item), fields)
                }
                if !$crate::wire::IS_FAST {
                    const TAGS: &[u16] = &[$($tag,)* $($($opt_tag,)*)?];
                    let mut data = [None; TAGS.len()];
                    if !$crate::message::table::next_element(&mut walk.fields, TAGS, &mut data) {
                        return None;
                    }
                    let (mut item, mut data) = ($name::default(), data.into_iter());
                    $(if let Some(data) = data.next().flatten() {
                        $crate::message::table::put(&mut item.$field, data);
                    })*
                    $($(if let Some(data) = data.next().flatten() {
                        $crate::message::table::put_some(&mut item.$opt, data);
                    })*)?
                    return Some(item);
                }
                let in_order = Self::in_order(&mut walk.fields);
                if in_order.is_some() || walk.fields.rest().is_empty() {
                    return in_order;
                }
                let (item, fields) = in_any_order(walk.fields);
                walk.fields.go_to(&fields);
                item
            }

            fn write_all(list: &$crate::wire::List<'a, Self>, writer: &mut $crate::wire::Writer<'_>) {
                for item in list.iter() {
                    $(writer.field(
                        const { &group_rule!($spec, $type, $tag, $max $(, ($($rule($($arg)?)),*))?) },
                        $crate::wire::FieldValue::data(&item.$field),
                    );)*
                    $($(writer.optional(
                        const {
                            &group_rule!($opt_spec, $opt_type, $opt_tag, $opt_max $(, ($($opt_rule($($opt_arg)?)),*))?)
                        },
                        item.$opt.as_ref().map($crate::wire::FieldValue::data),
                    );)*)?
                }
            }

            fn write_plainly<'b, const WIDE: bool>(
                list: &$crate::wire::List<'a, Self>,
                version: u32,
                place: &'b mut [u8],
            ) -> Option<&'b mut [u8]> {
                let length = const { $crate::wire::element_length::<WIDE>(Self::INFO.fields) };
                list.try_each(place, #[inline(always)] |place, item| {
                    // The room is looked at once, where that can be.
                    let (place, behind) = match length {
                        Some(length) => place.split_at_mut_checked(length)?,
                        None => (place, &mut [][..]),
                    };
                    let mut writer = $crate::wire::PlainWriter::<WIDE>::new(version, place);
                    $(writer = writer.field(
                        const { &group_rule!($spec, $type, $tag, $max $(, ($($rule($($arg)?)),*))?) },
                        $crate::wire::FieldValue::data(&item.$field),
                    )?;)*
                    $($(writer = writer.optional(
                        const {
                            &group_rule!($opt_spec, $opt_type, $opt_tag, $opt_max $(, ($($opt_rule($($opt_arg)?)),*))?)
                        },
                        item.$opt.as_ref().map($crate::wire::FieldValue::data),
                    )?;)*)?
                    Some(if length.is_some() { behind } else { writer.rest() })
                })
            }
        }
    )*};
}

macro_rules! group_rule {
    ($spec:literal, $type:ty, $tag:literal, $max:literal $(, ($($rule:ident($($arg:expr)?)),*))?) => {
        $crate::message::FieldRule::new($spec, <$type as $crate::wire::FieldValue>::TYPE, $tag, $max)
            $($(.$rule($($arg)?))*)?
    };
}

/// Configuration records: elements that are made of the dictionary's floating fields, and of lists. A record ends
/// where one of its fields that is no list comes again.
macro_rules! records {
    ($(
        $(#[$attr:meta])*
        $name:ident $(<$lt:lifetime>)? {
            floating { $($field:ident $(/ $ccx:literal)? $(($($field_rule:tt)*))?),* $(,)? }
            $(lists { $(
                $items:ident: $element:ident $(<$elt:lifetime>)? [$max:literal] $($total:ident)? $(($($list_rule:tt)*))?
            ),* $(,)? })?
        }
    )*) => {$(
        $(#[$attr])*
        #[derive(Clone, Copy, Default, PartialEq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub struct $name $(<$lt>)? {
            $(
                #[doc = floating_doc!($field)]
                pub $field: Option<floating_type!($field)>,
            )*
            $($(
                #[doc = concat!("Repeated: [`", stringify!($element), "`], at most ", stringify!($max), ".")]
                pub $items: $crate::wire::List<'a, $element $(<$elt>)?>,
            )*)?
        }

        debug! {
            $name $(<$lt>)? { $($field,)* $($($items,)*)? }
        }

        impl<'a> $crate::wire::Element<'a> for $name $(<$lt>)? {
            const INFO: &'static $crate::message::ElementInfo = &$crate::message::ElementInfo {
                name: stringify!($name),
                fields: &[$(
                    $crate::message::FieldInfo::of::<floating_type!($field)>(
                        floating_rule!($field $(/ $ccx)? $(($($field_rule)*))?)
                    )
                ),*],
                lists: &[$($(list_info!($items $element $(<$elt>)? [$max] $($total)? $(($($list_rule)*))?)),*)?],
            };

            #[inline]
            fn accepts(tag: u16, length: usize) -> Option<bool> {
                match tag {
                    $($crate::message::dictionary::tag::$field => {
                        Some(<floating_type!($field) as $crate::wire::FieldValue>::TYPE.accepts(length))
                    })*
                    $($($($crate::message::dictionary::tag::$total => Some(length == 2),)?)*)?
                    _ => {
                        $($(if let Some(fits) = <$element as $crate::wire::Element>::accepts(tag, length) {
                            Some(fits)
                        } else)*)? {
                            None
                        }
                    }
                }
            }

            fn next(walk: &mut $crate::wire::Walk<'a>) -> Option<Self> {
                let mut record = Self::default();
                let mut is_empty = true;
                let mut ahead = walk.fields;
                while let Some(field) = ahead.next() {
                    let is_new = match field.tag {
                        $($crate::message::dictionary::tag::$field => {
                            $crate::message::table::set_first(&mut record.$field, field.data)
                        })*
                        $($($($crate::message::dictionary::tag::$total => {
                            record.$items.declared().is_none()
                                && $crate::message::table::declare(&mut record.$items, field.data)
                        })?)*)?
                        _ => {
                            $($(if <$element as $crate::wire::Element>::accepts(field.tag, field.data.len()).is_some() {
                                // A field of a list never begins the next record, however often it comes.
                                record.$items.extend(ahead.format(), walk.fields.rest(), ahead.rest().len());
                            })*)?
                            true
                        }
                    };
                    if !is_new {
                        break;
                    }
                    // Foreign fields by themselves are no record.
                    is_empty &= Self::accepts(field.tag, field.data.len()).is_none();
                    walk.fields = ahead;
                }
                (!is_empty).then_some(record)
            }

            fn write_all(list: &$crate::wire::List<'a, Self>, writer: &mut $crate::wire::Writer<'_>) {
                for record in list.iter() {
                    $(write_field!(record writer $field $(/ $ccx)? $(($($field_rule)*))?);)*
                    $($(write_list!(record writer $items [$max] $($total)? $(($($list_rule)*))?);)*)?
                }
            }
        }
    )*};
}

/// Elements that stand in columns: a field holds the values of several elements, or of one. All are read; `arrays`
/// writes one field for a column, `pairs` one field for each value, element by element.
macro_rules! columns {
    ($(
        $(#[$attr:meta])*
        $name:ident as $form:ident {
            $(#[$a_attr:meta])* $a:ident: $a_type:ty = $a_spec:literal, $a_tag:literal, $a_max:literal;
            $(#[$b_attr:meta])* $b:ident: $b_type:ty = $b_spec:literal, $b_tag:literal, $b_max:literal;
        }
    )*) => {$(
        $(#[$attr])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub struct $name {
            $(#[$a_attr])*
            pub $a: $a_type,
            $(#[$b_attr])*
            pub $b: $b_type,
        }

        impl<'a> $crate::wire::Element<'a> for $name {
            const INFO: &'static $crate::message::ElementInfo = &$crate::message::ElementInfo {
                name: stringify!($name),
                fields: &[
                    $crate::message::FieldInfo::of::<$a_type>(group_rule!($a_spec, $a_type, $a_tag, $a_max)).$form(),
                    $crate::message::FieldInfo::of::<$b_type>(group_rule!($b_spec, $b_type, $b_tag, $b_max)).$form(),
                ],
                lists: &[],
            };

            fn accepts(tag: u16, length: usize) -> Option<bool> {
                match tag {
                    $a_tag => Some(length.is_multiple_of(size_of::<$a_type>())),
                    $b_tag => Some(length.is_multiple_of(size_of::<$b_type>())),
                    _ => None,
                }
            }

            fn next(walk: &mut $crate::wire::Walk<'a>) -> Option<Self> {
                walk.fill_columns(size_of::<$a_type>(), $a_tag, Some($b_tag))?;
                let $a = walk.take_from_column(size_of::<$a_type>(), 0)?;
                // The second column may be shorter, or missing.
                let $b = walk.take_from_column(size_of::<$b_type>(), 1).unwrap_or_default();
                Some(Self { $a, $b })
            }

            fn write_all(list: &$crate::wire::List<'a, Self>, writer: &mut $crate::wire::Writer<'_>) {
                columns!(@$form list writer $a $a_type, group_rule!($a_spec, $a_type, $a_tag, $a_max);
                    $b $b_type, group_rule!($b_spec, $b_type, $b_tag, $b_max));
            }
        }
    )*};
    (@pairs $list:ident $writer:ident $a:ident $a_type:ty, $a_rule:expr; $b:ident $b_type:ty, $b_rule:expr) => {
        for item in $list.iter() {
            $writer.field(const { &$a_rule }, $crate::wire::FieldValue::data(&item.$a));
            $writer.field(const { &$b_rule }, $crate::wire::FieldValue::data(&item.$b));
        }
    };
    (@arrays $list:ident $writer:ident $a:ident $a_type:ty, $a_rule:expr; $b:ident $b_type:ty, $b_rule:expr) => {
        $writer.array_header(const { &$a_rule }, $list.len(), size_of::<$a_type>());
        $list.iter().for_each(|item| $writer.fixed(item.$a));
        $writer.array_header(const { &$b_rule }, $list.len(), size_of::<$b_type>());
        $list.iter().for_each(|item| $writer.fixed(item.$b));
    };
}

/// Bytes of the fixed fields that every version has: checked once, so that reading them checks nothing.
pub(crate) const fn least_length(mut fixed: &[FixedInfo]) -> usize {
    let mut length = 0usize;
    while let Some((field, rest)) = fixed.split_first() {
        if let Versions { cce: (0, u8::MAX), ccx: (0, u8::MAX) } = field.versions {
            length = length.saturating_add(field.length());
        }
        fixed = rest;
    }
    length
}

/// Where the fixed field of this name stands, if that is the same in all versions.
pub(crate) const fn place_of(mut fixed: &[FixedInfo], name: &str) -> Option<usize> {
    let mut place = 0usize;
    while let Some((field, rest)) = fixed.split_first() {
        let Versions { cce: (0, u8::MAX), ccx: (0, u8::MAX) } = field.versions else { return None };
        if field.name.has_base(name) {
            return Some(place);
        }
        place = place.saturating_add(field.length());
        fixed = rest;
    }
    None
}

/// Bytes of the fixed fields of all versions together.
pub(crate) const fn most_length(mut fixed: &[FixedInfo]) -> usize {
    let mut length = 0usize;
    while let Some((field, rest)) = fixed.split_first() {
        length = length.saturating_add(field.length());
        fixed = rest;
    }
    length
}

/// Whether Unified CCE has the field in some version.
pub(crate) const fn is_in_cce(rule: &FieldRule) -> bool {
    rule.versions.cce.1 > 0
}

/// Whether each tag is one field's in Unified CCE, so that a field is the same one wherever it stands.
pub(crate) const fn tags_differ(mut fields: &[FieldInfo]) -> bool {
    while let Some((field, others)) = fields.split_first() {
        let mut rest = others;
        while let Some((other, behind)) = rest.split_first() {
            if field.rule.tag == other.rule.tag && is_in_cce(&field.rule) && is_in_cce(&other.rule) {
                return false;
            }
            rest = behind;
        }
        fields = others;
    }
    true
}

/// Whether a field that has `ccx_tag` in Unified CCX is meant by its other tag.
#[inline(always)]
pub(crate) const fn is_cce_tag(ccx: bool, ccx_tag: u16) -> bool {
    !(ccx && ccx_tag > 0)
}

/// A floating field as it is come across, and a walk that stands behind it.
pub(crate) struct Step<'a> {
    pub(crate) field: crate::wire::RawField<'a>,
    /// The fields from this one on.
    pub(crate) from: &'a [u8],
    pub(crate) fields: crate::wire::Fields<'a>,
}

/// Walks the floating fields. `take` says whether a field has a size that it can have.
#[inline(always)]
pub(crate) fn walk<'a>(
    frame: &crate::wire::Frame<'a>,
    fields: crate::wire::Fields<'a>,
    mut take: impl FnMut(&mut Step<'a>) -> bool,
) -> Result<(), crate::error::DecodeError> {
    let mut step = Step { field: crate::wire::RawField { tag: 0, data: &[] }, from: &[], fields };
    loop {
        step.from = step.fields.rest();
        let Some(field) = step.fields.next() else { break };
        step.field = field;
        if !take(&mut step) {
            return Err(frame.has_wrong_size(step.field, step.from.len()));
        }
    }
    if step.fields.rest().is_empty() { Ok(()) } else { Err(frame.is_truncated(&step.fields)) }
}

/// The same from the end of the fixed part on, if there is one: once for all messages, where room counts more than time.
#[inline(never)]
pub(crate) fn walk_in_room<'a>(
    frame: &crate::wire::Frame<'a>,
    rest: Option<&'a [u8]>,
    take: &mut dyn FnMut(&mut Step<'a>) -> bool,
) -> Result<(), crate::error::DecodeError> {
    match rest {
        Some(rest) => walk(frame, crate::wire::Fields::new(frame.protocol(), rest), take),
        None => Err(frame.ends_in_fixed_part()),
    }
}

/// The data of the fields of the next element, in the order of `tags`; whether there are any. A field that comes again
/// begins the next element. Where room counts, all elements are read by this.
#[inline(never)]
pub(crate) fn next_element<'a>(
    fields: &mut crate::wire::Fields<'a>,
    tags: &[u16],
    data: &mut [Option<&'a [u8]>],
) -> bool {
    let (mut ahead, mut is_any) = (*fields, false);
    while let Some(field) = ahead.next() {
        let known = tags.iter().position(|tag| *tag == field.tag);
        if let Some(place) = known.and_then(|known| data.get_mut(known)) {
            if place.is_some() {
                break;
            }
            (*place, is_any) = (Some(field.data), true);
        }
        fields.go_to(&ahead);
    }
    is_any
}

/// Goes on behind the elements that begin at `from`, where they are written in their order: the common case, which
/// needs no look at each field by itself. On 32-bit targets room counts more.
#[inline(always)]
pub(crate) fn skip_elements<'a, T: crate::wire::Element<'a>>(fields: &mut crate::wire::Fields<'a>, from: &'a [u8]) {
    if !crate::wire::IS_FAST {
        return;
    }
    let mut ahead = crate::wire::Fields::with_format(fields.format(), from);
    while T::skip(&mut ahead) {}
    if ahead.rest().len() < fields.rest().len() {
        fields.go_to(&ahead);
    }
}

/// Fills a field; `false` if the data have no size for it. Of a field that comes twice the last one counts.
#[inline(always)]
pub(crate) fn set<'a, T: crate::wire::FieldValue<'a>>(slot: &mut Option<T>, data: &'a [u8]) -> bool {
    *slot = T::from_data(data);
    slot.is_some()
}

/// Fills a field from the next one of `fields`, if that is it.
#[inline(always)]
pub(crate) fn set_next<'a, T: crate::wire::FieldValue<'a>>(
    slot: &mut Option<T>,
    fields: &mut crate::wire::Fields<'a>,
    tag: u16,
) {
    if let Some(value) = fields.next_if(tag) {
        *slot = Some(value);
    }
}

/// Fills a list from what is next in `fields`, if that is it.
#[inline(always)]
pub(crate) fn extend_in_order<'a, T: crate::wire::Element<'a>>(
    list: &mut crate::wire::List<'a, T>,
    fields: &mut crate::wire::Fields<'a>,
) {
    let from = fields.rest();
    while T::skip(fields) {}
    if fields.rest().len() < from.len() {
        list.extend(fields.format(), from, fields.rest().len());
    }
}

/// Notes the count that the next one of `fields` gives for a list, if that is it.
#[inline(always)]
pub(crate) fn declare_next<'a, T: crate::wire::Element<'a>>(
    list: &mut crate::wire::List<'a, T>,
    fields: &mut crate::wire::Fields<'a>,
    tag: u16,
) {
    if let Some(count) = fields.next_if(tag) {
        list.declare(count);
    }
}

/// Fills a field of a list's element, if the data have a size for it.
#[inline(always)]
pub(crate) fn put<'a, T: crate::wire::FieldValue<'a>>(slot: &mut T, data: &'a [u8]) {
    if let Some(value) = T::from_data(data) {
        *slot = value;
    }
}

/// The same for a field that may be absent.
#[inline(always)]
pub(crate) fn put_some<'a, T: crate::wire::FieldValue<'a>>(slot: &mut Option<T>, data: &'a [u8]) {
    *slot = T::from_data(data);
}

/// Fills a field of a list's element; `false` if it is already filled, which begins the next element.
#[inline(always)]
pub(crate) fn set_first<'a, T: crate::wire::FieldValue<'a>>(slot: &mut Option<T>, data: &'a [u8]) -> bool {
    slot.is_none() && {
        *slot = T::from_data(data);
        true
    }
}

/// Notes the count that a floating field gives for a list; `false` if the data are no count.
#[inline(always)]
pub(crate) fn declare<'a, T: crate::wire::Element<'a>>(list: &mut crate::wire::List<'a, T>, data: &'a [u8]) -> bool {
    let count = <u16 as crate::wire::FieldValue>::from_data(data);
    count.inspect(|count| list.declare(*count)).is_some()
}
