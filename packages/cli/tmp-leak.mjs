import { runClusterWorker, clusterStatus } from '@vecport/cluster';
const url=process.argv[2];
const t=performance.now();
try { if (process.argv[3]) console.log((await clusterStatus(url)).cluster); else
await runClusterWorker({cluster:url,name:'x',concurrency:1,patienceMs:300,takeoverMs:3000,drainMs:100,signal:AbortSignal.timeout(3000)}); } catch(e){console.log(String(e))}
console.log('done',Math.round(performance.now()-t), process.getActiveResourcesInfo());
setTimeout(()=>console.log('later',process.getActiveResourcesInfo()),1000).unref();
process.on('exit',()=>console.log('exit',Math.round(performance.now()-t)));
