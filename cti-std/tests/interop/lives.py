"""The lives of calls, as the events tell them."""


class Lives:
    """The connections that there are, by call and device: each begins once, and ends once."""

    # In this order, if they come at all, for a connection that makes or takes a call.
    ORDER = (
        "BEGIN_CALL_EVENT", "CALL_SERVICE_INITIATED_EVENT", "CALL_ORIGINATED_EVENT", "CALL_DELIVERED_EVENT",
        "CALL_ESTABLISHED_EVENT",
    )

    def __init__(self):
        self.there, self.highest = {}, 0
        # Calls that are known from their very beginning, and not only from the opening of the session on.
        self.begun = set()

    def take(self, message):
        """What is wrong with this event where it stands; nothing mostly."""
        if "PrimaryCallID" in message.fixed:
            return self.join(message)
        if "ConnectionCallID" not in message.fixed:
            return None
        connection = message["ConnectionCallID"], message["ConnectionDeviceID"]
        self.note(connection[0], message.name)
        if message.name == "BEGIN_CALL_EVENT":
            wrong = "it was there already" if connection in self.there else None
            self.there[connection] = ["BEGIN_CALL_EVENT"]
            return wrong
        if connection not in self.there:
            return "it has not begun" if connection[0] in self.begun else None
        if message.name == "END_CALL_EVENT":
            del self.there[connection]
            return None
        if message.name == "CALL_DATA_UPDATE_EVENT":
            # Its connection may have another name from now on.
            new = message["NewConnectionCallID"], message["NewConnectionDeviceID"]
            self.there[new] = self.there.pop(connection)
            return None
        life = self.there[connection]
        life.append(message.name)
        if life[-2] == "CALL_CLEARED_EVENT":
            return "it is cleared"
        return self.out_of_order(life)

    def note(self, call, name):
        """A call is new when its first event begins it, and its number is beyond those that were there."""
        if call > self.highest and name == "BEGIN_CALL_EVENT" and self.highest:
            self.begun.add(call)
        self.highest = max(self.highest, call)

    def out_of_order(self, life):
        places = [life.index(name) for name in self.ORDER if name in life]
        return f"it has had {life}" if places != sorted(places) else None

    def join(self, message):
        """The parties of the secondary call are in the primary one from now on, but for the one who joins the two."""
        primary, secondary = message["PrimaryCallID"], message["SecondaryCallID"]
        own = message["SecondaryDeviceID"]
        for call, device in list(self.there):
            if call == secondary and device != own:
                self.there[primary, device] = self.there.pop((call, device))
        left = {own} if message.name == "CALL_TRANSFERRED_EVENT" else set()
        parties = {device for call, device in self.there if call == primary} - left
        told = set(message.all("ConnectedPartyDeviceID"))
        # Outside parties have no connection of their own that events would tell of.
        is_known = {primary, secondary} <= self.begun
        return f"its parties are {parties}" if is_known and told and not parties <= told else None
