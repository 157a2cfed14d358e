// Helps for people with a script; every page works without them.
import "./batch";
import "./browser_draft";
import "./conditions";
import "./dialogs";
import "./drafts";
import "./forgetting";
import "./keys"; // before the menus: its keys come first
import "./live";
import "./lookup";
import "./menus";
import "./people";
import "./photos";
import "./picks";
import "./place";
import "./receipt";
import "./rows"; // before what changes the fields in them
import "./register";
import "./signature";
import "./submit";
