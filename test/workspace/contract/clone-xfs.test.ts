/** The contract of workspaces, kept by clone on XFS. */
import { places } from "../ground.js";
import { contract } from "./contract.js";

contract(places["clone-xfs"]);
