SELECT a<-b, c@--comment;
 d; SELECT 1 +/* ; */ 2; SELECT a-b;