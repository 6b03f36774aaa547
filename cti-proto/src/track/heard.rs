//! Which messages a tracker hears, said once.

/// A function that takes each message that a tracker hears, and one that tells whether a message is among them: so that
/// most messages of others cost next to nothing. What is done with those may be said at the end.
macro_rules! heard {
    (
        $(#[$attr:meta])*
        $is_vis:vis fn $is_heard:ident;

        impl[$($generics:tt)*] $tracker:ty;
        $vis:vis fn $hear:ident($self:ident, $said:ident: $type:ty $(, $now:ident)?) $(-> Result<(), $error:ty>)? {
            $($message:ident => $take:expr;)*
            $(_ => $other:expr;)?
        }
    ) => {
        $(#[$attr])*
        #[inline]
        $is_vis const fn $is_heard(message: $crate::message::MessageType) -> bool {
            matches!(message, $($crate::message::MessageType::$message)|*)
        }

        impl<$($generics)*> $tracker {
            $vis fn $hear(&mut $self, $said: $type $(, $now: $crate::track::second::Second)?) $(-> Result<(), $error>)? {
                match $said.message_type() {
                    $($crate::message::MessageType::$message => $take,)*
                    _ => {
                        $($other)?
                    }
                }
                $(Result::<(), $error>::Ok(()))?
            }
        }
    };
}

pub(crate) use heard;
