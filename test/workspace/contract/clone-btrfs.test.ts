/** The contract of workspaces, kept by clone on btrfs. */
import { places } from "../ground.js";
import { contract } from "./contract.js";

contract(places["clone-btrfs"]);
