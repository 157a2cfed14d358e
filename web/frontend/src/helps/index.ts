// Helps for people with a script; every page works without them.
import "./batch";
import "./browser_draft";
import "./conditions";
import "./dialogs";
import "./drafts";
import "./forgetting";
import "./keys"; // before the menus: its keys come first
import "./live";
import "./menus";
import "./people";
import "./photos";
import "./picks";
import "./place";
import "./receipt";
import "./register";
import "./signature";
import "./submit";
