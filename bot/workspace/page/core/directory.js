// Names and faces: users, teams, channels and the app, as the boot answer gave them.

const HUES = 8;

export class Directory {
  constructor(boot, viewer) {
    this.team = boot.team;
    this.app = boot.app;
    this.viewer = viewer;
    this.users = new Map(boot.users.map((user) => [user.id, user]));
    this.channels = new Map(boot.channels.map((channel) => [channel.id, channel]));
    this.teams = new Map([boot.team, ...(boot.partner_teams ?? [])].map((team) => [team.id, team]));
  }

  people() {
    return [...this.users.values()].filter((user) => !user.is_bot && user.id !== this.app?.bot_user);
  }

  name(id) {
    const user = this.users.get(id);
    if (id === this.app?.bot_user) return this.app.name;
    return user?.real_name || user?.name || id || "Unknown";
  }

  /** The bot user, whatever the boot answer says of it. */
  isApp(id) {
    return id === this.app?.bot_user || Boolean(this.users.get(id)?.is_bot);
  }

  /** The team's name when it is not the viewer's own, else null. */
  foreignTeam(id) {
    const user = this.users.get(id);
    if (!user?.team_id || user.team_id === this.viewer.team_id || this.isApp(id)) return null;
    return user.team_name ?? this.teams.get(user.team_id)?.name ?? user.team_id;
  }

  isGuest(id) {
    return Boolean(this.users.get(id)?.is_restricted);
  }

  /** How a conversation is called: a channel by its name, a direct message by the other person. */
  titleOf(channel) {
    if (!channel.is_im) return channel.name;
    return channel.user === this.viewer.id ? `${this.name(channel.user)} (you)` : this.name(channel.user);
  }

  /** The viewer's direct message with a person or the app, if there is one yet. */
  directWith(id) {
    return [...this.channels.values()].find((channel) => channel.is_im && channel.user === id);
  }

  /** What the server says now of the viewer's conversations. */
  replaceChannels(conversations) {
    this.channels = new Map(conversations.map((channel) => [channel.id, channel]));
  }

  channelName(id) {
    return this.channels.get(id)?.name ?? id;
  }

  /** Whether the viewer may call the app: Slack keeps commands and shortcuts from people of other organisations. */
  get mayCallApp() {
    return Boolean(this.app) && this.viewer.team_id === this.team.id;
  }

  commands() {
    return this.mayCallApp ? (this.app.commands ?? []) : [];
  }

  shortcuts() {
    return this.mayCallApp ? (this.app.shortcuts ?? []) : [];
  }

  /** Other organisations in a shared channel, as the viewer sees it. */
  sharedWith(channel) {
    const ids = new Set([...(channel.shared_with ?? []), ...(channel.shared_team_ids ?? [])]);
    if (ids.size) ids.add(this.team.id);
    ids.delete(this.viewer.team_id);
    return [...ids].map((id) => this.teams.get(id)?.name ?? id);
  }

  initials(id) {
    const words = this.name(id).split(/\s+/).filter(Boolean);
    return (
      words
        .slice(0, 2)
        .map((word) => [...word][0])
        .join("")
        .toUpperCase() || "?"
    );
  }

  /** A stable colour class for a person. */
  hue(id) {
    let sum = 0;
    for (const letter of String(id)) sum = (sum * 31 + letter.codePointAt(0)) % 65_521;
    return `hue-${sum % HUES}`;
  }
}
