// What the scripts that look at something in a real Chromium share.
"use strict";
const fs = require("fs");
const path = require("path");
const { execFileSync } = require("child_process");

const ROOT = path.resolve(__dirname, "..", "..");
const TARGET = process.env.CARGO_TARGET_DIR || path.join(ROOT, "target");
const TOOLS = path.join(TARGET, "browser");
const PACKAGES = { "playwright-core": "1.65.1", "axe-core": "4.14.1" };

/// Where a file of a package from npm lies; installs the packages if they are not there.
function tool(name, ...rest) {
  install();
  return path.join(TOOLS, "node_modules", name, ...rest);
}

/// A Chromium that asks nothing of the network by itself. CHROMIUM names another program.
function launch() {
  const { chromium } = require(tool("playwright-core"));
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"],
  });
}

function install() {
  const missing = Object.entries(PACKAGES).filter(([name, version]) => {
    const manifest = path.join(TOOLS, "node_modules", name, "package.json");
    return !fs.existsSync(manifest) || JSON.parse(fs.readFileSync(manifest)).version !== version;
  });
  if (!missing.length) return;
  fs.mkdirSync(TOOLS, { recursive: true });
  execFileSync("npm", ["install", "--prefix", TOOLS, "--no-save", "--no-audit", "--no-fund",
    "--silent", ...Object.entries(PACKAGES).map(([name, version]) => `${name}@${version}`)],
  { stdio: ["ignore", "inherit", "inherit"] });
}

module.exports = { ROOT, TARGET, tool, launch };
